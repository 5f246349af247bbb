package org.equipoise.systems.mttv;

import ai.djl.ndarray.NDArray;
import java.util.stream.IntStream;
import org.equipoise.systems.layers.Parameters;

/**
 * Raises classes that are seldom found: after training each class's logit is multiplied by {@code
 * (1 / recall)^τ}, its recall being that on validation posts. Nothing of it is learnt by gradients.
 */
final class ScalableClassifier {
  private final NDArray factors;
  private final double tau;
  private final Way way;

  /** What the factors multiply. */
  enum Way {
    /** The logits as they are, as published. */
    LOGITS,
    /** The logits less their mean, so that nothing hangs on a number that all logits share. */
    CENTRED,
    /** Nothing. */
    NONE
  }

  /** Kept with the parameters: {@code scalable.factor [classes]}, 1 at the start. */
  ScalableClassifier(Parameters parameters, long classes, double tau, Way way) {
    factors = parameters.kept("scalable.factor", 1, classes);
    this.tau = tau;
    this.way = way;
  }

  /** {@code [B, M]}: the logits scaled. */
  NDArray forward(NDArray logits) {
    return switch (way) {
      case LOGITS -> logits.mul(factors);
      case CENTRED -> logits.sub(logits.mean(new int[] {1}, true)).mul(factors);
      case NONE -> logits;
    };
  }

  /** Takes the factors from these recalls; see {@link #factors}. */
  void scale(double[] recalls, int[] posts) {
    set(factors(recalls, posts, tau));
  }

  /** Makes all factors 1. */
  void reset() {
    set(IntStream.range(0, (int) factors.size()).mapToDouble(c -> 1).toArray());
  }

  /**
   * The classes' factors. A recall is taken as at least half a post's, so that a class that is
   * never found has a factor too; a class without posts has 1.
   */
  static double[] factors(double[] recalls, int[] posts, double tau) {
    return IntStream.range(0, recalls.length)
        .mapToDouble(
            c -> posts[c] == 0 ? 1 : Math.pow(1 / Math.max(recalls[c], 1 / (2.0 * posts[c])), tau))
        .toArray();
  }

  private void set(double[] values) {
    float[] rounded = new float[values.length];
    for (int c = 0; c < values.length; c++) {
      rounded[c] = (float) values[c];
    }
    factors.set(rounded);
  }
}
