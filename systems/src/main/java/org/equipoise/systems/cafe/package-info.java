/** Cross-modal ambiguity learning. */
package org.equipoise.systems.cafe;
