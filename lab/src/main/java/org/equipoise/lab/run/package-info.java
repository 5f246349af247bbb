/** Whole jobs: what {@code train}, {@code evaluate}, {@code predict} and {@code quickstart} do. */
package org.equipoise.lab.run;
