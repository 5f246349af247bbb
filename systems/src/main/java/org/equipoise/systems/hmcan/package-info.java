/** Hierarchical multi-modal contextual attention. */
package org.equipoise.systems.hmcan;
