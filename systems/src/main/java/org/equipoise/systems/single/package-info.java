/** Classifiers of one view. */
package org.equipoise.systems.single;
