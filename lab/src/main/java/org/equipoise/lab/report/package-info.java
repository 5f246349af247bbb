/** A run's report: one HTML file that says what came out, how sure that is, and from what. */
package org.equipoise.lab.report;
