package org.equipoise.systems.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.Collection;

/**
 * Joins arrays. DJL's own {@code concat} of a single array makes a copy that no gradient passes
 * through; here a single array is returned as it is.
 */
public final class Concatenation {
  private Concatenation() {}

  /** The arrays one after the other along an axis; at least one. */
  public static NDArray of(Collection<NDArray> arrays, int axis) {
    return arrays.size() == 1
        ? arrays.iterator().next()
        : NDArrays.concat(new NDList(arrays), axis);
  }
}
