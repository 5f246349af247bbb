/** Bootstrapping of multi-view representations. */
package org.equipoise.systems.bmr;
