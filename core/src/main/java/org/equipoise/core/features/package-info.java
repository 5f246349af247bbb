/** Posts' features in memory and on disk, and the contracts by which encoders give them. */
package org.equipoise.core.features;
