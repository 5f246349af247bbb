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
    return ofEach(logits, labels).mean();
  }

  /**
   * The loss over the posts that have a label, a scalar; 0 where none has.
   *
   * @param logits {@code [B, M]}
   * @param labels {@code [B]}, int64; below 0 for none
   */
  public static NDArray ofLabelled(NDArray logits, NDArray labels) {
    NDArray labelled = labels.gte(0).toType(logits.getDataType(), false);
    NDArray losses = ofEach(logits, labels.maximum(0L));
    return losses.mul(labelled).sum().div(labelled.sum().maximum(1f));
  }

  private static NDArray ofEach(NDArray logits, NDArray labels) {
    long posts = logits.getShape().get(0);
    return logits.logSoftmax(1).gather(labels.reshape(posts, 1), 1).reshape(posts).neg();
  }
}
