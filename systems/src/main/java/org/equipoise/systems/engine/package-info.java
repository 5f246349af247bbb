/** Starting the tensor engine: threads, device, and no talk with the outside. */
package org.equipoise.systems.engine;
