package org.equipoise.training.optimizer;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;

/**
 * Adam (Kingma and Ba, 2015) with L2 decay added to the gradient and a step factor for each
 * parameter:
 *
 * <pre>
 * g = ∂L/∂θ + λθ
 * m = β₁m + (1 − β₁)g
 * v = β₂v + (1 − β₂)g²
 * θ = θ − factor · η · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)
 * </pre>
 */
public final class Adam extends ChunkedOptimizer {
  /** Decay of the first moment. */
  public static final float BETA1 = 0.9f;

  /** Decay of the second moment. */
  public static final float BETA2 = 0.999f;

  /** Keeps the step finite where a gradient has always been near zero. */
  public static final float EPSILON = 1e-8f;

  /** What it remembers: the running means of the gradient and of its square. */
  static final List<String> MOMENTS = List.of("first", "second");

  private final float weightDecay;

  /**
   * Starts with zero moments.
   *
   * @param parameters float32 arrays on the CPU that require gradients, by name
   * @param learningRate η
   * @param weightDecay λ
   * @param threads how many threads share a step
   */
  public Adam(
      Map<String, NDArray> parameters, double learningRate, double weightDecay, int threads) {
    super(parameters, learningRate, threads, MOMENTS);
    this.weightDecay = (float) weightDecay;
  }

  @Override
  void update(Chunk chunk, long step) {
    update(
        chunk.values(),
        chunk.gradient(),
        chunk.memory()[0],
        chunk.memory()[1],
        chunk.count(),
        (float) (chunk.rate() / (1 - Math.pow(BETA1, step))),
        (float) (1 / Math.sqrt(1 - Math.pow(BETA2, step))));
  }

  /** Without branches or calls other than intrinsics, so that the JIT compiler vectorises it. */
  private void update(
      float[] values,
      float[] gradient,
      float[] first,
      float[] second,
      int count,
      float rate,
      float inverseRoot2) {
    float decay = weightDecay;
    for (int i = 0; i < count; i++) {
      float g = gradient[i] + decay * values[i];
      float m = BETA1 * first[i] + (1 - BETA1) * g;
      float v = BETA2 * second[i] + (1 - BETA2) * g * g;
      first[i] = m;
      second[i] = v;
      values[i] -= rate * m / ((float) Math.sqrt(v) * inverseRoot2 + EPSILON);
    }
  }
}
