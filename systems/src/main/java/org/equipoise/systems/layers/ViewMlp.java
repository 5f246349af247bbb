package org.equipoise.systems.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;

/**
 * A view's first layers, g of section 3.1: the features are layer-normalised without learnt scale,
 * then {@code out(dropout(relu(hidden(x))))}: {@code [B, T, d] → [B, T, width]}.
 */
public final class ViewMlp {
  private final LayerNorm norm;
  private final Linear hidden;
  private final Linear out;
  private final Dropout dropout;

  /** Parameters {@code <name>.hidden} and {@code <name>.out}. */
  public ViewMlp(Parameters parameters, String name, long in, long width, Dropout dropout) {
    norm = LayerNorm.plain(parameters, in);
    hidden = Linear.of(parameters, name + ".hidden", in, width);
    out = Linear.of(parameters, name + ".out", width, width);
    this.dropout = dropout;
  }

  public NDArray forward(NDArray x, boolean training) {
    // what no gradient needs is freed at once: with many tokens these are the largest arrays
    try (NDArray normal = norm.forward(x);
        NDArray sum = hidden.forward(normal);
        NDArray active = Activation.relu(sum);
        NDArray kept = dropout.forward(active, training)) {
      return out.forward(kept);
    }
  }
}
