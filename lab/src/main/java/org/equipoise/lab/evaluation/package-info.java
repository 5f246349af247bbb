/** A model's figures on test posts, beside the floors and with their uncertainty. */
package org.equipoise.lab.evaluation;
