package org.equipoise.systems.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/**
 * Multiplying by a plain number, safely. DJL's own {@code mul(Number)} and {@code div(Number)} hand
 * the engine a buffer of Java's and let go of it at once, while the engine keeps it for the
 * backward pass: a garbage collection between the two, and the gradient is garbage. Here the number
 * lies in the engine's own memory.
 */
public final class Scaling {
  private Scaling() {}

  /** {@code factor · x}, of x's shape and type. */
  public static NDArray times(NDArray x, double factor) {
    try (NDArray given =
            x.getDataType() == DataType.FLOAT64
                ? x.getManager().create(factor)
                : x.getManager().create((float) factor);
        NDArray owned = given.duplicate()) {
      return x.mul(owned);
    }
  }
}
