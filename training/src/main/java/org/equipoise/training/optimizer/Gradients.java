package org.equipoise.training.optimizer;

import ai.djl.ndarray.NDArray;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.function.Consumer;

/**
 * Reading and changing gradients where they lie, in the engine's own memory. Only a gradient that a
 * backward pass has reached lies anywhere; of another one a copy is zero and a change is lost.
 */
public final class Gradients {
  private Gradients() {}

  /** A copy of a parameter's gradient; zeros where no loss has reached it. */
  public static float[] copy(NDArray parameter) {
    try (NDArray gradient = parameter.getGradient()) {
      return gradient.toFloatArray();
    }
  }

  /** Lets a parameter's gradient be changed in place. */
  public static void change(NDArray parameter, Consumer<FloatBuffer> change) {
    try (NDArray gradient = parameter.getGradient()) {
      change.accept(memory(gradient));
    }
  }

  /** Puts other numbers in a gradient's place. */
  public static void set(NDArray parameter, float[] values) {
    change(parameter, gradient -> gradient.put(0, values));
  }

  /** The memory of a float32 array on the CPU, to read and write. */
  public static FloatBuffer memory(NDArray array) {
    return array.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }
}
