package org.equipoise.lab.bootstrap;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;

/** Where a figure lies with 95 % confidence. In JSON {@code [low, high]}. */
public record Interval(double low, double high) {
  /** How sure it is. */
  public static final double LEVEL = 0.95;

  /** The interval as JSON knows it. */
  @JsonValue
  public List<Double> bounds() {
    return List.of(low, high);
  }

  /** The percentiles of resampled figures, interpolated between neighbours. */
  static Interval of(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return new Interval(quantile(sorted, (1 - LEVEL) / 2), quantile(sorted, (1 + LEVEL) / 2));
  }

  private static double quantile(double[] sorted, double share) {
    double position = share * (sorted.length - 1);
    int below = (int) position;
    int above = Math.min(sorted.length - 1, below + 1);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  }
}
