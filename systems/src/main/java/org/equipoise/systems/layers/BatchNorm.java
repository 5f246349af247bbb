package org.equipoise.systems.layers;

import ai.djl.ndarray.NDArray;

/**
 * Batch normalisation over the posts (Ioffe and Szegedy 2015): {@code γ (x − mean) / √(variance +
 * eps) + β}, {@code [B, d] → [B, d]}. While training with the batch's own mean and biased variance,
 * which also move the running ones; else with the running ones.
 */
public final class BatchNorm {
  /** eps of most published programs. */
  public static final float EPS = 1e-5f;

  /** How far a batch moves the running figures, of most published programs. */
  public static final float MOMENTUM = 0.1f;

  private final NDArray weight;
  private final NDArray bias;
  private final NDArray mean;
  private final NDArray variance;
  private final float eps;
  private final float momentum;

  /**
   * Parameters {@code <name>.weight [d]} and {@code <name>.bias [d]}; kept with them {@code
   * <name>.running_mean [d]} and {@code <name>.running_var [d]}.
   *
   * @param momentum the share of the batch's figures in the new running ones
   */
  public BatchNorm(Parameters parameters, String name, long width, float eps, float momentum) {
    weight = parameters.constant(name + ".weight", 1, width);
    bias = parameters.constant(name + ".bias", 0, width);
    mean = parameters.kept(name + ".running_mean", 0, width);
    variance = parameters.kept(name + ".running_var", 1, width);
    this.eps = eps;
    this.momentum = momentum;
  }

  /** With the usual eps and momentum. */
  public BatchNorm(Parameters parameters, String name, long width) {
    this(parameters, name, width, EPS, MOMENTUM);
  }

  /**
   * Normalises.
   *
   * @param x {@code [B, d]}; while training at least two posts
   */
  public NDArray forward(NDArray x, boolean training) {
    // DJL's momentum is the share of the old figures
    return x.getNDArrayInternal()
        .batchNorm(x, mean, variance, weight, bias, 1, 1 - momentum, eps, training)
        .singletonOrThrow();
  }
}
