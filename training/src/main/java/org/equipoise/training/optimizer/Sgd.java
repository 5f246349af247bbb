package org.equipoise.training.optimizer;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;

/**
 * Stochastic gradient descent with momentum, as PyTorch computes it: {@code g = ∂L/∂θ + λθ}, {@code
 * b = μb + g}, {@code θ = θ − factor · η · b}.
 */
public final class Sgd extends ChunkedOptimizer {
  private final float weightDecay;
  private final float momentum;

  /**
   * Starts at rest.
   *
   * @param parameters float32 arrays on the CPU that require gradients, by name
   * @param learningRate η
   * @param weightDecay λ
   * @param momentum μ
   * @param threads how many threads share a step
   */
  public Sgd(
      Map<String, NDArray> parameters,
      double learningRate,
      double weightDecay,
      double momentum,
      int threads) {
    super(parameters, learningRate, threads, List.of("momentum"));
    this.weightDecay = (float) weightDecay;
    this.momentum = (float) momentum;
  }

  @Override
  void update(Chunk chunk, long step) {
    float[] values = chunk.values();
    float[] gradient = chunk.gradient();
    float[] moving = chunk.memory()[0];
    float rate = (float) chunk.rate();
    float decay = weightDecay;
    float mu = momentum;
    for (int i = 0; i < chunk.count(); i++) {
      float b = mu * moving[i] + gradient[i] + decay * values[i];
      moving[i] = b;
      values[i] -= rate * b;
    }
  }
}
