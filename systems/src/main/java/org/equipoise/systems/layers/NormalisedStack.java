package org.equipoise.systems.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import java.util.ArrayList;
import java.util.List;

/**
 * Dense layers, each followed by a batch normalisation and a ReLU, with dropout between, {@code [B,
 * in] → [B, last width]}.
 */
public final class NormalisedStack {
  private final List<Linear> layers = new ArrayList<>();
  private final List<BatchNorm> norms = new ArrayList<>();
  private final Dropout between;

  /**
   * Parameters {@code <name>.0}, {@code <name>.norm0}, {@code <name>.1}, …
   *
   * @param widths of the layers' results
   */
  public NormalisedStack(
      Parameters parameters, String name, long in, List<Integer> widths, Dropout between) {
    long width = in;
    for (int i = 0; i < widths.size(); i++) {
      layers.add(Linear.of(parameters, name + "." + i, width, widths.get(i)));
      norms.add(new BatchNorm(parameters, name + ".norm" + i, widths.get(i)));
      width = widths.get(i);
    }
    this.between = between;
  }

  public NDArray forward(NDArray x, boolean training) {
    NDArray result = x;
    for (int i = 0; i < layers.size(); i++) {
      NDArray input = i == 0 ? result : between.forward(result, training);
      result = Activation.relu(norms.get(i).forward(layers.get(i).forward(input), training));
    }
    return result;
  }
}
