package org.equipoise.encoders.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.equipoise.core.Form;
import org.equipoise.core.features.Features;

/**
 * From a network's output to features.
 *
 * @param output its name
 * @param pooling how tokens become one row where the form is pooled
 * @param normalize whether rows are scaled to unit length
 * @param form pooled or tokens
 */
record Readout(String output, Pooling pooling, boolean normalize, Form form) {
  /** How an output with an axis of tokens becomes one row. */
  enum Pooling {
    /** The mean over the tokens. */
    MEAN,
    /** The first token, such as [CLS]. */
    FIRST,
    /** It has no such axis. */
    NONE
  }

  /**
   * Reads a batch.
   *
   * @param given {@code [B, d]}, {@code [B, T, d]}, or {@code [B, d, H, W]} where the tokens are
   *     the places of a grid
   * @param used how many tokens of a content count
   */
  List<Features> read(Network.Output given, IntUnaryOperator used) {
    int batch = (int) given.shape()[0];
    int each = given.values().length / batch;
    int width = width(given.shape());
    List<Features> features = new ArrayList<>(batch);
    for (int i = 0; i < batch; i++) {
      float[] values = Arrays.copyOfRange(given.values(), i * each, (i + 1) * each);
      if (given.shape().length == 4) {
        values = channelsLast(values, width);
      }
      int tokens = Math.min(values.length / width, used.applyAsInt(i));
      features.add(features(values, tokens, width));
    }
    return features;
  }

  /** Numbers per row, {@code d}. */
  static int width(long[] shape) {
    return (int) (shape.length == 4 ? shape[1] : shape[shape.length - 1]);
  }

  /** Rows of one content. */
  static int tokens(long[] shape) {
    return switch (shape.length) {
      case 2 -> 1;
      case 3 -> (int) shape[1];
      default -> (int) (shape[2] * shape[3]);
    };
  }

  /** From {@code [d, places]} to {@code [places, d]}. */
  private static float[] channelsLast(float[] values, int width) {
    int places = values.length / width;
    float[] turned = new float[values.length];
    for (int d = 0; d < width; d++) {
      for (int place = 0; place < places; place++) {
        turned[place * width + d] = values[d * places + place];
      }
    }
    return turned;
  }

  private Features features(float[] values, int tokens, int width) {
    Features features;
    if (form == Form.TOKENS) {
      features = new Features(tokens, width, Arrays.copyOf(values, tokens * width));
    } else if (pooling == Pooling.MEAN) {
      features = new Features(1, width, mean(values, tokens, width));
    } else {
      features = new Features(1, width, Arrays.copyOf(values, width));
    }
    if (normalize) {
      normalize(features);
    }
    return features;
  }

  private static float[] mean(float[] values, int tokens, int width) {
    double[] sums = new double[width];
    for (int t = 0; t < tokens; t++) {
      for (int d = 0; d < width; d++) {
        sums[d] += values[t * width + d];
      }
    }
    float[] mean = new float[width];
    for (int d = 0; d < width; d++) {
      mean[d] = (float) (sums[d] / tokens);
    }
    return mean;
  }

  private static void normalize(Features features) {
    float[] values = features.values();
    for (int row = 0; row < values.length; row += features.width()) {
      double squares = 0;
      for (int d = 0; d < features.width(); d++) {
        squares += (double) values[row + d] * values[row + d];
      }
      double length = Math.max(Math.sqrt(squares), 1e-12);
      for (int d = 0; d < features.width(); d++) {
        values[row + d] = (float) (values[row + d] / length);
      }
    }
  }
}
