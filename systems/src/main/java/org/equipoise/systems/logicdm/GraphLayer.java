package org.equipoise.systems.logicdm;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import org.equipoise.systems.layers.LayerNorm;
import org.equipoise.systems.layers.Parameters;

/**
 * A graph convolution: {@code norm(relu(A x W / (degree + 1) + b))}; it knows edges, no attention.
 */
final class GraphLayer {
  private final NDArray weight;
  private final NDArray bias;
  private final LayerNorm norm;

  /** Parameters {@code <name>.weight [in, out]}, {@code <name>.bias} and {@code <name>.norm}. */
  GraphLayer(Parameters parameters, String name, long width) {
    weight = parameters.uniform(name + ".weight", width, width, width);
    bias = parameters.uniform(name + ".bias", width, width);
    norm = LayerNorm.of(parameters, name + ".norm", width);
  }

  /**
   * {@code [B, N, D] → [B, N, D]}.
   *
   * @param adjacency {@code [B, N, N]}, 1 for an edge
   */
  NDArray forward(NDArray x, NDArray adjacency) {
    NDArray degrees = adjacency.sum(new int[] {2}, true).add(1f);
    NDArray mixed = adjacency.matMul(x.matMul(weight)).div(degrees);
    return norm.forward(Activation.relu(mixed.add(bias)));
  }
}
