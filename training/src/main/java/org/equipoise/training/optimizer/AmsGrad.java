package org.equipoise.training.optimizer;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;

/**
 * AMSGrad (Reddi et al., 2018), as PyTorch computes it: {@link Adam} that divides by the largest
 * {@code v} so far, so that a step never grows because large gradients have been forgotten.
 */
public final class AmsGrad extends ChunkedOptimizer {
  private final float weightDecay;

  /** Starts with zero moments; arguments as of {@link Adam}. */
  public AmsGrad(
      Map<String, NDArray> parameters, double learningRate, double weightDecay, int threads) {
    super(parameters, learningRate, threads, List.of("first", "second", "largest"));
    this.weightDecay = (float) weightDecay;
  }

  @Override
  void update(Chunk chunk, long step) {
    float[] values = chunk.values();
    float[] gradient = chunk.gradient();
    float[] first = chunk.memory()[0];
    float[] second = chunk.memory()[1];
    float[] largest = chunk.memory()[2];
    float rate = (float) (chunk.rate() / (1 - Math.pow(Adam.BETA1, step)));
    float inverseRoot2 = (float) (1 / Math.sqrt(1 - Math.pow(Adam.BETA2, step)));
    float decay = weightDecay;
    for (int i = 0; i < chunk.count(); i++) {
      float g = gradient[i] + decay * values[i];
      float m = Adam.BETA1 * first[i] + (1 - Adam.BETA1) * g;
      float v = Adam.BETA2 * second[i] + (1 - Adam.BETA2) * g * g;
      float most = Math.max(largest[i], v);
      first[i] = m;
      second[i] = v;
      largest[i] = most;
      values[i] -= rate * m / ((float) Math.sqrt(most) * inverseRoot2 + Adam.EPSILON);
    }
  }
}
