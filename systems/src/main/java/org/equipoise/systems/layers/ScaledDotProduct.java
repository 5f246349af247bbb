package org.equipoise.systems.layers;

import ai.djl.ndarray.NDArray;
import java.util.Optional;

/** {@code softmax(q kᵀ + bias) v}, the middle of every attention (Vaswani et al. 2017, Eq. 1). */
public final class ScaledDotProduct {
  /** Added to the scores of masked keys; exp of it is 0 and it never overflows. */
  private static final float MASKED = 1e9f;

  private ScaledDotProduct() {}

  /** {@code [B, K]}: 0 for keys that are there, else so low that they are never attended to. */
  public static NDArray keyBias(NDArray mask) {
    return Scaling.times(mask.sub(1f), MASKED);
  }

  /**
   * Attends.
   *
   * @param queries {@code [.., Q, d]}, divided by √d already
   * @param keys {@code [.., K, d]}
   * @param values {@code [.., K, d]}
   * @param keyBias is added to the scores {@code [.., Q, K]}; empty where every key is there
   * @return {@code [.., Q, d]}
   */
  public static NDArray attend(
      NDArray queries, NDArray keys, NDArray values, Optional<NDArray> keyBias) {
    try (NDArray transposed = keys.swapAxes(-2, -1);
        NDArray scores = queries.matMul(transposed);
        NDArray biased = keyBias.map(scores::add).orElse(scores);
        NDArray weights = biased.softmax(-1)) {
      return weights.matMul(values);
    }
  }
}
