package org.equipoise.systems.losses;

import ai.djl.ndarray.NDArray;
import java.util.Map;

/**
 * Teaches a {@link org.equipoise.systems.layers.Probe}: the cross-entropy of the views' logits
 * added up. The probe reads detached vectors, so nothing else moves.
 */
public final class ProbeLoss {
  private ProbeLoss() {}

  /**
   * The loss, a scalar.
   *
   * @param viewLogits by view {@code [B, M]}, at least one
   * @param labels {@code [B]}, int64
   */
  public static NDArray of(Map<String, NDArray> viewLogits, NDArray labels) {
    return CrossEntropy.of(viewLogits.values().stream().reduce(NDArray::add).orElseThrow(), labels);
  }
}
