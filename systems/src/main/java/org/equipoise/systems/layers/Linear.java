package org.equipoise.systems.layers;

import ai.djl.ndarray.NDArray;
import java.util.Optional;

/** {@code y = x Wᵀ + b}: {@code [.., in] → [.., out]}. */
public final class Linear {
  private final NDArray weight;
  private final Optional<NDArray> bias;

  private Linear(NDArray weight, Optional<NDArray> bias) {
    this.weight = weight;
    this.bias = bias;
  }

  /** Parameters {@code <name>.weight [out, in]} and {@code <name>.bias [out]}. */
  public static Linear of(Parameters parameters, String name, long in, long out) {
    return new Linear(
        parameters.uniform(name + ".weight", in, out, in),
        Optional.of(parameters.uniform(name + ".bias", in, out)));
  }

  /** The same with He's normal start and a bias of 0, for layers before a ReLU. */
  public static Linear heNormal(Parameters parameters, String name, long in, long out) {
    return new Linear(
        parameters.heNormal(name + ".weight", in, out, in),
        Optional.of(parameters.constant(name + ".bias", 0, out)));
  }

  /** Parameter {@code <name>.weight [out, in]} alone. */
  public static Linear withoutBias(Parameters parameters, String name, long in, long out) {
    return new Linear(parameters.uniform(name + ".weight", in, out, in), Optional.empty());
  }

  public NDArray forward(NDArray x) {
    return x.getNDArrayInternal().linear(x, weight, bias.orElse(null)).singletonOrThrow();
  }
}
