/** Balanced multi-modal learning with hierarchical fusion, and its ablations. */
package org.equipoise.systems.bmlhf;
