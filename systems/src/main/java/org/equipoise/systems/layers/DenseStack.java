package org.equipoise.systems.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import java.util.ArrayList;
import java.util.List;

/** Dense layers with a ReLU after each, {@code [B, in] → [B, last width]}. */
public final class DenseStack {
  private final List<Linear> layers = new ArrayList<>();

  /**
   * Parameters {@code <name>.0}, {@code <name>.1}, …, with He's normal start.
   *
   * @param widths of the layers' results
   */
  public DenseStack(Parameters parameters, String name, long in, List<Integer> widths) {
    long width = in;
    for (int i = 0; i < widths.size(); i++) {
      layers.add(Linear.heNormal(parameters, name + "." + i, width, widths.get(i)));
      width = widths.get(i);
    }
  }

  public NDArray forward(NDArray x) {
    NDArray result = x;
    for (Linear layer : layers) {
      result = Activation.relu(layer.forward(result));
    }
    return result;
  }
}
