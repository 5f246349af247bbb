package org.equipoise.training.optimizer;

import ai.djl.ndarray.NDArray;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;

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
 *
 * <p>It works on the engine's own memory in chunks that stay in a core's cache, and zeroes each
 * gradient in the same pass: the engine's optimiser clones every gradient instead, which costs
 * several times the memory traffic. Every number is updated by itself, so the result does not hang
 * on the number of threads. Not safe for several threads.
 */
public final class Adam implements AutoCloseable {
  /** Decay of the first moment. */
  public static final float BETA1 = 0.9f;

  /** Decay of the second moment. */
  public static final float BETA2 = 0.999f;

  /** Keeps the step finite where a gradient has always been near zero. */
  public static final float EPSILON = 1e-8f;

  /** Four arrays of this many floats fit a 256 KiB cache twice over. */
  private static final int CHUNK = 4096;

  private final Map<String, Slot> slots = new LinkedHashMap<>();
  private final List<Range> ranges = new ArrayList<>();
  private final double learningRate;
  private final float weightDecay;
  private final int threads;
  private final ExecutorService workers;
  private long steps;

  /** A parameter with its two moments. */
  private static final class Slot {
    final String name;
    final NDArray parameter;
    final float[] first;
    final float[] second;
    FloatBuffer values;
    FloatBuffer gradient;
    float factor;

    Slot(String name, NDArray parameter) {
      this.name = name;
      this.parameter = parameter;
      int size = Math.toIntExact(parameter.size());
      first = new float[size];
      second = new float[size];
    }
  }

  /** A part of a parameter that one thread updates at a time. */
  private record Range(Slot slot, int from, int to) {}

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
    this.learningRate = learningRate;
    this.weightDecay = (float) weightDecay;
    this.threads = threads;
    parameters.forEach((name, parameter) -> slots.put(name, new Slot(name, parameter)));
    for (Slot slot : slots.values()) {
      for (int from = 0; from < slot.first.length; from += CHUNK) {
        ranges.add(new Range(slot, from, Math.min(from + CHUNK, slot.first.length)));
      }
    }
    workers =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "adam");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Takes one step and zeroes the gradients.
   *
   * @param factors by parameter name, what the step is multiplied by
   */
  public void step(ToDoubleFunction<String> factors) {
    steps++;
    List<NDArray> gradients = new ArrayList<>(slots.size());
    try {
      for (Slot slot : slots.values()) {
        NDArray gradient = slot.parameter.getGradient();
        gradients.add(gradient);
        slot.values = memory(slot.parameter);
        slot.gradient = memory(gradient);
        slot.factor = (float) factors.applyAsDouble(slot.name);
      }
      share();
    } finally {
      gradients.forEach(NDArray::close);
    }
  }

  private static FloatBuffer memory(NDArray array) {
    return array.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  private void share() {
    List<Future<?>> parts = new ArrayList<>(threads);
    for (int i = 0; i < threads; i++) {
      int first = (int) ((long) ranges.size() * i / threads);
      int last = (int) ((long) ranges.size() * (i + 1) / threads);
      parts.add(workers.submit(() -> update(ranges.subList(first, last))));
    }
    try {
      for (Future<?> part : parts) {
        part.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted within an optimiser step", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("optimiser step failed", e.getCause());
    }
  }

  private void update(List<Range> share) {
    float[] values = new float[CHUNK];
    float[] gradient = new float[CHUNK];
    float[] first = new float[CHUNK];
    float[] second = new float[CHUNK];
    float[] zeros = new float[CHUNK];
    double correction1 = 1 - Math.pow(BETA1, steps);
    float inverseRoot2 = (float) (1 / Math.sqrt(1 - Math.pow(BETA2, steps)));
    for (Range range : share) {
      Slot slot = range.slot;
      int from = range.from;
      int count = range.to - from;
      slot.values.get(from, values, 0, count);
      slot.gradient.get(from, gradient, 0, count);
      System.arraycopy(slot.first, from, first, 0, count);
      System.arraycopy(slot.second, from, second, 0, count);
      float rate = (float) (slot.factor * learningRate / correction1);
      update(values, gradient, first, second, count, rate, inverseRoot2);
      System.arraycopy(first, 0, slot.first, from, count);
      System.arraycopy(second, 0, slot.second, from, count);
      slot.values.put(from, values, 0, count);
      slot.gradient.put(from, zeros, 0, count);
    }
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

  /** Steps taken so far, t. */
  public long steps() {
    return steps;
  }

  /** The running mean of a parameter's gradient; the optimiser's own array. */
  public float[] firstMoment(String name) {
    return slots.get(name).first;
  }

  /** The running mean of a parameter's squared gradient; the optimiser's own array. */
  public float[] secondMoment(String name) {
    return slots.get(name).second;
  }

  /**
   * Goes on where a stored optimiser stopped; its moments are to be copied into this one's arrays.
   */
  public void resumeAt(long stepsTaken) {
    steps = stepsTaken;
  }

  @Override
  public void close() {
    workers.shutdown();
  }
}
