package org.equipoise.systems.logicdm;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import org.equipoise.systems.layers.Dropout;
import org.equipoise.systems.layers.Linear;
import org.equipoise.systems.layers.Parameters;

/** {@code out(dropout(relu(hidden(x))))}. */
record TwoLayers(Linear hidden, Linear out, Dropout dropout) {
  /** Parameters {@code <name>.hidden} and {@code <name>.out}. */
  static TwoLayers of(
      Parameters parameters, String name, long in, long hidden, long out, Dropout dropout) {
    return new TwoLayers(
        Linear.of(parameters, name + ".hidden", in, hidden),
        Linear.of(parameters, name + ".out", hidden, out),
        dropout);
  }

  NDArray forward(NDArray x, boolean training) {
    return out.forward(dropout.forward(Activation.relu(hidden.forward(x)), training));
  }
}
