/** How good verdicts are: accuracy, F1, ROC-AUC, calibration. */
package org.equipoise.core.metrics;
