package org.equipoise.training.optimizer;

import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Moves parameters against their gradients. Not safe for several threads. */
public interface Optimizer extends AutoCloseable {
  /**
   * Takes one step and zeroes the gradients.
   *
   * @param factors by parameter name, what the step is multiplied by; 0 leaves the parameter and
   *     what is remembered of it as they are
   * @param gradientScale what every gradient is multiplied by first, such as for clipping
   */
  void step(ToDoubleFunction<String> factors, double gradientScale);

  /** A step with the gradients as they are. */
  default void step(ToDoubleFunction<String> factors) {
    step(factors, 1);
  }

  /** The Euclidean norm of all gradients together. */
  double gradientNorm();

  /** Steps taken so far, t. */
  long steps();

  /**
   * What it remembers of each parameter, by kind of memory (such as {@code first}) and parameter
   * name; its own arrays, so that writing into them restores a stored state.
   */
  Map<String, Map<String, float[]>> memory();

  /** Goes on where a stored optimiser stopped, whose memory is copied into this one's. */
  void resumeAt(long stepsTaken);

  @Override
  void close();
}
