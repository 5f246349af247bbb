/** SpotFake+. */
package org.equipoise.systems.spotfake;
