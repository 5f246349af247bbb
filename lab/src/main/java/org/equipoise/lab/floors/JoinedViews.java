package org.equipoise.lab.floors;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.features.FeatureBatch;
import org.equipoise.core.features.FeatureSource;

/**
 * A post as one row of numbers: each view averaged over its tokens and followed by 1 where the post
 * has it, else 0; joined; and standardised by the mean and standard deviation of the training posts
 * that have the view. The numbers of a view that a post lacks are 0 after that, the mean. A column
 * that is the same for all training posts is only centred. Immutable.
 *
 * @param mean {@code [width]}
 * @param scale {@code [width]}
 */
record JoinedViews(List<View> views, float[] mean, float[] scale) {
  private static final int POSTS_AT_ONCE = 256;

  /** A deviation below this share of the mean is rounding. */
  private static final double CONSTANT = 1e-6;

  JoinedViews {
    views = List.copyOf(views);
    if (mean.length != width(views) || scale.length != mean.length) {
      throw new IllegalArgumentException(
          "%d means and %d scales for %s".formatted(mean.length, scale.length, views));
    }
  }

  /** How rows are made, and the training posts' own rows. */
  record Fit(JoinedViews joined, float[][] rows) {}

  static Fit fit(FeatureSource training) {
    List<View> views = training.views();
    float[][] rows = join(views, training);
    float[] mean = new float[width(views)];
    float[] scale = new float[mean.length];
    int start = 0;
    for (View view : views) {
      int indicator = start + view.width();
      float[][] present =
          Arrays.stream(rows).filter(row -> row[indicator] != 0).toArray(float[][]::new);
      moments(present, start, indicator, mean, scale);
      moments(rows, indicator, indicator + 1, mean, scale);
      start = indicator + 1;
    }
    JoinedViews joined = new JoinedViews(views, mean, scale);
    joined.standardise(rows);
    return new Fit(joined, rows);
  }

  /** Numbers a row. */
  int width() {
    return mean.length;
  }

  /** The posts' rows, {@code [size][width]}. */
  float[][] rows(FeatureSource posts) {
    float[][] rows = join(views, posts);
    standardise(rows);
    return rows;
  }

  private static int width(List<View> views) {
    return views.stream().mapToInt(view -> view.width() + 1).sum();
  }

  private static void moments(float[][] rows, int from, int to, float[] mean, float[] scale) {
    double[] sum = new double[to - from];
    for (float[] row : rows) {
      for (int j = from; j < to; j++) {
        sum[j - from] += row[j];
      }
    }
    double[] squares = new double[to - from];
    int n = Math.max(1, rows.length);
    for (float[] row : rows) {
      for (int j = from; j < to; j++) {
        double difference = row[j] - sum[j - from] / n;
        squares[j - from] += difference * difference;
      }
    }
    for (int j = from; j < to; j++) {
      double average = sum[j - from] / n;
      double deviation = Math.sqrt(squares[j - from] / n);
      mean[j] = (float) average;
      scale[j] = deviation <= CONSTANT * Math.abs(average) ? 1 : (float) deviation;
    }
  }

  private void standardise(float[][] rows) {
    for (float[] row : rows) {
      int start = 0;
      for (View view : views) {
        int indicator = start + view.width();
        if (row[indicator] != 0) {
          for (int j = start; j < indicator; j++) {
            row[j] = (row[j] - mean[j]) / scale[j];
          }
        }
        row[indicator] = (row[indicator] - mean[indicator]) / scale[indicator];
        start = indicator + 1;
      }
    }
  }

  private static float[][] join(List<View> views, FeatureSource posts) {
    float[][] rows = new float[posts.size()][];
    for (int first = 0; first < rows.length; first += POSTS_AT_ONCE) {
      int end = Math.min(rows.length, first + POSTS_AT_ONCE);
      FeatureBatch batch = posts.batch(IntStream.range(first, end).toArray());
      for (int i = first; i < end; i++) {
        rows[i] = new float[width(views)];
      }
      int start = 0;
      for (View view : views) {
        FeatureBatch.ViewBatch values = find(batch, view);
        for (int i = first; i < end; i++) {
          average(values, i - first, rows[i], start);
        }
        start += view.width() + 1;
      }
    }
    return rows;
  }

  private static FeatureBatch.ViewBatch find(FeatureBatch batch, View view) {
    return batch.views().stream()
        .filter(values -> values.view().equals(view))
        .findFirst()
        .orElseThrow(
            () ->
                new WrongUseException(
                    "the linear floor was fitted with view "
                        + view
                        + ", which these features lack"));
  }

  /** The mean over a post's tokens and, behind it, whether there are any. */
  private static void average(FeatureBatch.ViewBatch values, int post, float[] row, int start) {
    int width = values.view().width();
    int tokens = 0;
    for (int t = 0; t < values.tokens(); t++) {
      int token = post * values.tokens() + t;
      if (values.mask()[token] != 0) {
        tokens++;
        for (int j = 0; j < width; j++) {
          row[start + j] += values.values()[token * width + j];
        }
      }
    }
    for (int j = 0; j < width && tokens > 1; j++) {
      row[start + j] /= tokens;
    }
    row[start + width] = tokens > 0 ? 1 : 0;
  }
}
