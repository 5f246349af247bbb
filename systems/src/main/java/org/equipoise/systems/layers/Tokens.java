package org.equipoise.systems.layers;

import ai.djl.ndarray.NDArray;
import java.util.Optional;

/**
 * One view's tokens in a batch.
 *
 * @param values {@code [B, T, d]}
 * @param mask {@code [B, T]}, 1 for a token that is there, else 0; empty where all are
 */
public record Tokens(NDArray values, Optional<NDArray> mask) {
  /** Other values for the same tokens. */
  public Tokens with(NDArray newValues) {
    return new Tokens(newValues, mask);
  }

  /**
   * Every post's values multiplied by a number.
   *
   * @param factors {@code [B]}; empty to leave all as they are
   */
  public Tokens times(Optional<NDArray> factors) {
    return factors.map(each -> with(values.mul(each.reshape(posts(), 1, 1)))).orElse(this);
  }

  /** The same with 0 where masked. */
  public Tokens masked() {
    return mask.map(there -> with(values.mul(there.reshape(posts(), count(), 1)))).orElse(this);
  }

  /** B. */
  public long posts() {
    return values.getShape().get(0);
  }

  /** T. */
  public long count() {
    return values.getShape().get(1);
  }

  /**
   * {@code [B]}: 1 where the post has any token of the view, else 0; empty where every post has.
   */
  public Optional<NDArray> presence() {
    return mask.map(there -> there.max(new int[] {1}));
  }

  /** {@code [B, d]}: the mean over the tokens that are there; 0 where none is. */
  public NDArray mean() {
    long width = values.getShape().get(2);
    if (count() == 1) {
      NDArray only = values.reshape(posts(), width);
      return mask.map(there -> only.mul(there)).orElse(only);
    }
    if (mask.isEmpty()) {
      return values.mean(new int[] {1});
    }
    NDArray there = mask.get();
    NDArray weights = there.div(there.sum(new int[] {1}, true).maximum(1f));
    return weights.reshape(posts(), 1, count()).matMul(values).reshape(posts(), width);
  }
}
