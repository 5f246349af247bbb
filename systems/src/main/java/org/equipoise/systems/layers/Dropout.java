package org.equipoise.systems.layers;

import ai.djl.ndarray.NDArray;

/**
 * Sets numbers to zero at random while training and scales the others up by {@code 1/(1 − rate)}
 * (Srivastava et al. 2014). Draws from the engine's random numbers.
 *
 * @param rate the share that is dropped
 */
public record Dropout(float rate) {
  /** The input itself where nothing is to be dropped. */
  public NDArray forward(NDArray x, boolean training) {
    if (!training || rate == 0) {
      return x;
    }
    return x.getNDArrayInternal().dropout(x, rate, true).singletonOrThrow();
  }
}
