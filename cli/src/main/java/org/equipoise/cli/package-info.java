/** The commands: options in, one call of the module that does the work, an answer out. */
package org.equipoise.cli;
