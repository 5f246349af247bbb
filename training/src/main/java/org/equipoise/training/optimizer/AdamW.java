package org.equipoise.training.optimizer;

import ai.djl.ndarray.NDArray;
import java.util.Map;

/**
 * AdamW (Loshchilov and Hutter, 2019): {@link Adam} whose decay shrinks the weights themselves,
 * {@code θ = θ − factor · η · λθ}, instead of going through the moments. As is usual with it,
 * biases and the scales of normalisations, which have one axis, do not decay.
 */
public final class AdamW extends ChunkedOptimizer {
  private final double weightDecay;

  /** Starts with zero moments; arguments as of {@link Adam}. */
  public AdamW(
      Map<String, NDArray> parameters, double learningRate, double weightDecay, int threads) {
    super(parameters, learningRate, threads, Adam.MOMENTS);
    this.weightDecay = weightDecay;
  }

  @Override
  void update(Chunk chunk, long step) {
    float[] values = chunk.values();
    float[] gradient = chunk.gradient();
    float[] first = chunk.memory()[0];
    float[] second = chunk.memory()[1];
    float rate = (float) (chunk.rate() / (1 - Math.pow(Adam.BETA1, step)));
    float inverseRoot2 = (float) (1 / Math.sqrt(1 - Math.pow(Adam.BETA2, step)));
    float kept = chunk.matrix() ? (float) (1 - chunk.rate() * weightDecay) : 1;
    for (int i = 0; i < chunk.count(); i++) {
      float g = gradient[i];
      float m = Adam.BETA1 * first[i] + (1 - Adam.BETA1) * g;
      float v = Adam.BETA2 * second[i] + (1 - Adam.BETA2) * g * g;
      first[i] = m;
      second[i] = v;
      values[i] =
          kept * values[i] - rate * m / ((float) Math.sqrt(v) * inverseRoot2 + Adam.EPSILON);
    }
  }
}
