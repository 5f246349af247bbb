/** JSON, hashes, atomic files and the program's own folder. */
package org.equipoise.core.io;
