package org.equipoise.systems.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/**
 * {@code (x − mean) / √(variance + 1e-5) · scale + shift} over the last axis (Ba et al. 2016).
 * Variance divides by the width.
 */
public final class LayerNorm {
  private static final float EPSILON = 1e-5f;

  private final Shape shape;
  private final NDArray scale;
  private final NDArray shift;

  private LayerNorm(long width, NDArray scale, NDArray shift) {
    this.shape = new Shape(width);
    this.scale = scale;
    this.shift = shift;
  }

  /** Parameters {@code <name>.weight} and {@code <name>.bias}, both {@code [width]}. */
  public static LayerNorm of(Parameters parameters, String name, long width) {
    return new LayerNorm(
        width,
        parameters.constant(name + ".weight", 1, width),
        parameters.constant(name + ".bias", 0, width));
  }

  /** Without anything learnt. */
  public static LayerNorm plain(Parameters parameters, long width) {
    return new LayerNorm(width, parameters.buffer(1, width), parameters.buffer(0, width));
  }

  public NDArray forward(NDArray x) {
    return x.getNDArrayInternal().layerNorm(x, shape, scale, shift, EPSILON).singletonOrThrow();
  }
}
