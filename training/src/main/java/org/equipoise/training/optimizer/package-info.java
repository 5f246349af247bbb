/** How parameters follow their gradients. */
package org.equipoise.training.optimizer;
