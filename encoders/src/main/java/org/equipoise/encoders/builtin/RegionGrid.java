package org.equipoise.encoders.builtin;

import org.equipoise.core.Form;
import org.equipoise.core.features.Features;

/**
 * Descriptors of an image's regions, a grid of 7 × 7, row by row.
 *
 * <p>Tokens: the 49 regions. Pooled: a small spatial pyramid (Lazebnik et al. 2006), because a
 * plain mean would forget what lies where: the mean over all regions, their standard deviation, and
 * the means over the upper left, upper right, lower left and lower right 4 × 4 regions, which share
 * the middle row and column. Six times as wide.
 */
final class RegionGrid {
  static final int SIDE = 7;
  static final int REGIONS = SIDE * SIDE;

  private static final int QUADRANT = 4;
  private static final int PARTS = 6;

  private RegionGrid() {}

  /** The region's row or column for a place {@code 0 <= at < length}. */
  static int index(int at, int length) {
    return at * SIDE / length;
  }

  /** Width of the features where a region has {@code width} numbers. */
  static int width(int width, Form form) {
    return form == Form.POOLED ? PARTS * width : width;
  }

  /** How many tokens there are. */
  static int tokens(Form form) {
    return form == Form.POOLED ? 1 : REGIONS;
  }

  /**
   * The pyramid's single vector.
   *
   * @param regions {@code [49, width]}
   * @return {@code [1, 6 width]}
   */
  static Features pooled(float[] regions, int width) {
    float[] pooled = new float[PARTS * width];
    for (int d = 0; d < width; d++) {
      double mean = mean(regions, width, d, 0, 0, SIDE);
      double square = 0;
      for (int r = 0; r < REGIONS; r++) {
        double difference = regions[r * width + d] - mean;
        square += difference * difference;
      }
      pooled[d] = (float) mean;
      pooled[width + d] = (float) Math.sqrt(square / REGIONS);
      for (int q = 0; q < 4; q++) {
        int top = (q / 2) * (SIDE - QUADRANT);
        int left = (q % 2) * (SIDE - QUADRANT);
        pooled[(2 + q) * width + d] = (float) mean(regions, width, d, top, left, QUADRANT);
      }
    }
    return new Features(1, PARTS * width, pooled);
  }

  private static double mean(float[] regions, int width, int d, int top, int left, int side) {
    double sum = 0;
    for (int row = top; row < top + side; row++) {
      for (int column = left; column < left + side; column++) {
        sum += regions[(row * SIDE + column) * width + d];
      }
    }
    return sum / (side * side);
  }
}
