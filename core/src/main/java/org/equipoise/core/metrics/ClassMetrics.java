package org.equipoise.core.metrics;

/**
 * How well one class is found. A figure whose denominator is 0 is 0.
 *
 * @param precision right among the posts that were given this class
 * @param recall right among the posts of this class
 * @param f1 harmonic mean of precision and recall
 * @param support posts of this class
 */
public record ClassMetrics(double precision, double recall, double f1, int support) {}
