package org.equipoise.systems.losses;

import ai.djl.ndarray.NDArray;

/** {@code −log softmax(logits)[label]}, averaged over the batch (Eq. 17). */
public final class CrossEntropy {
  private CrossEntropy() {}

  /**
   * The loss, a scalar.
   *
   * @param logits {@code [B, M]}
   * @param labels {@code [B]}, int64
   */
  public static NDArray of(NDArray logits, NDArray labels) {
    long posts = logits.getShape().get(0);
    return logits.logSoftmax(1).gather(labels.reshape(posts, 1), 1).mean().neg();
  }
}
