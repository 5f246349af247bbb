package org.equipoise.systems.bmr;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/** Halves the last axis and multiplies the halves (Chen et al. 2022): BMR's activation. */
final class SimpleGate {
  private SimpleGate() {}

  /** {@code [.., 2 d] → [.., d]}. */
  static NDArray of(NDArray x) {
    NDList halves = x.split(2, x.getShape().dimension() - 1);
    return halves.get(0).mul(halves.get(1));
  }
}
