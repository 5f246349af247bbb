package org.equipoise.systems.losses;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Collection;
import org.equipoise.systems.layers.Scaling;

/** {@code factor · Σ w²} over all numbers of some parameters. */
public final class WeightPenalty {
  private WeightPenalty() {}

  /**
   * The penalty, a scalar.
   *
   * @param manager what it belongs to; the parameters outlive it
   */
  public static NDArray of(NDManager manager, Collection<NDArray> weights, double factor) {
    NDArray sum = manager.create(0f);
    for (NDArray weight : weights) {
      try (NDArray squares = weight.mul(weight);
          NDArray own = squares.sum()) {
        sum = sum.add(own);
      }
    }
    return Scaling.times(sum, factor);
  }
}
