package org.equipoise.core.features;

/**
 * One view of one post.
 *
 * @param tokens rows, {@code T}; 1 where pooled
 * @param width numbers per row, {@code d}
 * @param values {@code [T, d]}, row by row
 */
public record Features(int tokens, int width, float[] values) {
  public Features {
    if (tokens < 1 || values.length != tokens * width) {
      throw new IllegalArgumentException(
          values.length + " numbers for " + tokens + " tokens of " + width);
    }
  }

  /** The mean over the tokens, {@code [1, d]}; itself where there is but one. */
  public Features pooled() {
    if (tokens == 1) {
      return this;
    }
    float[] mean = new float[width];
    for (int d = 0; d < width; d++) {
      double sum = 0;
      for (int t = 0; t < tokens; t++) {
        sum += values[t * width + d];
      }
      mean[d] = (float) (sum / tokens);
    }
    return new Features(1, width, mean);
  }
}
