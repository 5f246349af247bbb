/** Event adversarial neural networks. */
package org.equipoise.systems.eann;
