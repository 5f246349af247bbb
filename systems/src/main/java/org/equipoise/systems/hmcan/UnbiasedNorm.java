package org.equipoise.systems.hmcan;

import ai.djl.ndarray.NDArray;
import org.equipoise.systems.layers.Parameters;
import org.equipoise.systems.layers.Scaling;

/**
 * {@code gain · (x − mean) / (deviation + 1e-6) + bias} over the last axis, as HMCAN's code has it:
 * the standard deviation divides by d − 1, and eps stands outside its root.
 */
final class UnbiasedNorm {
  private static final float EPSILON = 1e-6f;

  /** Keeps the root's slope finite where all numbers of a vector are the same. */
  private static final float TINY = 1e-30f;

  private final NDArray gain;
  private final NDArray bias;

  /** Parameters {@code <name>.gain} and {@code <name>.bias}, both {@code [width]}. */
  UnbiasedNorm(Parameters parameters, String name, long width) {
    gain = parameters.constant(name + ".gain", 1, width);
    bias = parameters.constant(name + ".bias", 0, width);
  }

  NDArray forward(NDArray x) {
    int[] last = {x.getShape().dimension() - 1};
    long width = x.getShape().get(last[0]);
    try (NDArray mean = x.mean(last, true)) {
      NDArray centred = x.sub(mean);
      NDArray squares = centred.mul(centred).sum(last, true);
      NDArray variance = Scaling.times(squares, 1.0 / Math.max(1, width - 1));
      NDArray deviation = variance.add(TINY).sqrt().add(EPSILON);
      return centred.div(deviation).mul(gain).add(bias);
    }
  }
}
