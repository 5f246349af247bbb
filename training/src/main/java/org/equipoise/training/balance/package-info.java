/** Balancers: what watches the views while training and changes how fast each learns. */
package org.equipoise.training.balance;
