/** The encoders that need no download: what the preset {@code builtin} is made of. */
package org.equipoise.encoders.builtin;
