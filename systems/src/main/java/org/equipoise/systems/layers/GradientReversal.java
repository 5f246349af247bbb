package org.equipoise.systems.layers;

import ai.djl.ndarray.NDArray;

/**
 * Passes values on as they are and gradients back times −λ (Ganin and Lempitsky 2015), so that what
 * lies before it learns to hinder what lies behind it: {@code −λ x + detached((1 + λ) x)}.
 */
public final class GradientReversal {
  private GradientReversal() {}

  /** The values of x, of any shape. */
  public static NDArray of(NDArray x, double lambda) {
    NDArray constant = Scaling.times(x.stopGradient(), 1 + lambda);
    return constant.add(Scaling.times(x, -lambda));
  }
}
