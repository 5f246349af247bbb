package org.equipoise.systems.logicdm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import org.equipoise.systems.engine.Engines;

/**
 * The point of the simplex that lies nearest to a vector (Martins and Astudillo 2016): {@code
 * max(0, z − τ)} with τ such that the numbers add up to 1; most become 0.
 */
final class Sparsemax {
  private Sparsemax() {}

  /** Along the last axis. */
  static NDArray of(NDArray z) {
    NDArray support = Engines.withoutGradients(() -> support(z));
    int last = z.getShape().dimension() - 1;
    int[] axis = {last};
    NDArray count = support.sum(axis, true);
    NDArray threshold = z.mul(support).sum(axis, true).sub(1f).div(count);
    return z.sub(threshold).mul(support);
  }

  /** 1 where the result is above 0: where {@code 1 + k z_(k) > Σ_{i ≤ k} z_(i)}, z_(1) largest. */
  private static NDArray support(NDArray z) {
    int last = z.getShape().dimension() - 1;
    int size = (int) z.getShape().get(last);
    NDArray falling = z.sort(last).flip(last);
    NDArray ranks = z.getManager().arange(1, size + 1).toType(DataType.FLOAT32, false);
    NDArray sums = falling.cumSum(last);
    NDArray kept = falling.mul(ranks).add(1f).gt(sums).toType(DataType.FLOAT32, false);
    int[] axis = {last};
    NDArray count = kept.sum(axis, true);
    NDArray threshold = falling.mul(kept).sum(axis, true).sub(1f).div(count);
    return z.gt(threshold).toType(DataType.FLOAT32, false);
  }
}
