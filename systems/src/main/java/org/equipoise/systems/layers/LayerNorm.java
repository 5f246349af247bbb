package org.equipoise.systems.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/**
 * {@code (x − mean) / √(variance + eps) · scale + shift} over the last axis (Ba et al. 2016), eps
 * 1e-5 unless said. Variance divides by the width.
 */
public final class LayerNorm {
  private static final float EPSILON = 1e-5f;

  private final Shape shape;
  private final NDArray scale;
  private final NDArray shift;
  private final float epsilon;

  private LayerNorm(long width, NDArray scale, NDArray shift, float epsilon) {
    this.shape = new Shape(width);
    this.scale = scale;
    this.shift = shift;
    this.epsilon = epsilon;
  }

  /** Parameters {@code <name>.weight} and {@code <name>.bias}, both {@code [width]}. */
  public static LayerNorm of(Parameters parameters, String name, long width) {
    return of(parameters, name, width, EPSILON);
  }

  /** The same with another eps. */
  public static LayerNorm of(Parameters parameters, String name, long width, float epsilon) {
    return new LayerNorm(
        width,
        parameters.constant(name + ".weight", 1, width),
        parameters.constant(name + ".bias", 0, width),
        epsilon);
  }

  /** Without anything learnt. */
  public static LayerNorm plain(Parameters parameters, long width) {
    return new LayerNorm(width, parameters.buffer(1, width), parameters.buffer(0, width), EPSILON);
  }

  public NDArray forward(NDArray x) {
    return x.getNDArrayInternal().layerNorm(x, shape, scale, shift, epsilon).singletonOrThrow();
  }
}
