/** The systems: networks with their losses, and the layers that they share. */
package org.equipoise.systems;
