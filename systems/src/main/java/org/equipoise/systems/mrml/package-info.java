/** Multi-modal rumour detection by multi-rank fusion and metric learning. */
package org.equipoise.systems.mrml;
