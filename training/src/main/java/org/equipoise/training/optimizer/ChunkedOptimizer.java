package org.equipoise.training.optimizer;

import ai.djl.ndarray.NDArray;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;

/**
 * What all optimisers here share: they work on the engine's own memory in chunks that stay in a
 * core's cache, and zero each gradient in the same pass. The engine's optimisers clone every
 * gradient instead, which costs several times the memory traffic. Every number is updated by
 * itself, so the result does not hang on the number of threads.
 */
abstract class ChunkedOptimizer implements Optimizer {
  /** Five arrays of this many floats fit a 256 KiB cache twice over. */
  private static final int CHUNK = 4096;

  private final List<String> kinds;
  private final Map<String, Slot> slots = new LinkedHashMap<>();
  private final List<Range> ranges = new ArrayList<>();
  private final double learningRate;
  private final int threads;
  private final ExecutorService workers;
  private long steps;

  /** A parameter with what is remembered of it. */
  private static final class Slot {
    final String name;
    final NDArray parameter;
    final boolean matrix;
    final float[][] memory;
    final int size;
    FloatBuffer values;
    FloatBuffer gradient;
    float factor;

    Slot(String name, NDArray parameter, int kinds) {
      this.name = name;
      this.parameter = parameter;
      matrix = parameter.getShape().dimension() > 1;
      size = Math.toIntExact(parameter.size());
      memory = new float[kinds][size];
    }
  }

  /** A part of a parameter that one thread updates at a time. */
  private record Range(Slot slot, int from, int to) {}

  /**
   * A chunk of a parameter under way.
   *
   * @param values θ, to be changed
   * @param gradient ∂L/∂θ
   * @param memory by kind, to be changed
   * @param count how many numbers of each array count
   * @param rate the learning rate with the parameter's factor
   * @param matrix whether the parameter has more than one axis
   */
  record Chunk(
      float[] values, float[] gradient, float[][] memory, int count, double rate, boolean matrix) {}

  /**
   * Starts with an empty memory.
   *
   * @param parameters float32 arrays on the CPU that require gradients, by name
   * @param learningRate η
   * @param threads how many threads share a step
   * @param kinds what is remembered of each number
   */
  ChunkedOptimizer(
      Map<String, NDArray> parameters, double learningRate, int threads, List<String> kinds) {
    this.kinds = kinds;
    this.learningRate = learningRate;
    this.threads = threads;
    parameters.forEach(
        (name, parameter) -> slots.put(name, new Slot(name, parameter, kinds.size())));
    for (Slot slot : slots.values()) {
      for (int from = 0; from < slot.size; from += CHUNK) {
        ranges.add(new Range(slot, from, Math.min(from + CHUNK, slot.size)));
      }
    }
    workers =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "optimizer");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Updates a chunk; called by several threads at once, for different chunks. */
  abstract void update(Chunk chunk, long step);

  @Override
  public void step(ToDoubleFunction<String> factors, double gradientScale) {
    steps++;
    for (Slot slot : slots.values()) {
      slot.values = Gradients.memory(slot.parameter);
      slot.factor = (float) factors.applyAsDouble(slot.name);
    }
    share((range, arrays) -> update(ranges.get(range), arrays, (float) gradientScale));
  }

  @Override
  public double gradientNorm() {
    double[] squares = new double[ranges.size()];
    share((range, arrays) -> squares[range] = squares(ranges.get(range), arrays.gradient));
    return Math.sqrt(Arrays.stream(squares).sum());
  }

  /** A worker's own arrays. */
  private record Scratch(float[] values, float[] gradient, float[][] memory, float[] zeros) {}

  private interface Work {
    void over(int range, Scratch arrays);
  }

  /** Runs work over all ranges, a run of neighbours for each thread. */
  private void share(Work work) {
    List<NDArray> gradients = new ArrayList<>(slots.size());
    try {
      for (Slot slot : slots.values()) {
        NDArray gradient = slot.parameter.getGradient();
        gradients.add(gradient);
        slot.gradient = Gradients.memory(gradient);
      }
      List<Future<?>> parts = new ArrayList<>(threads);
      for (int i = 0; i < threads; i++) {
        int first = (int) ((long) ranges.size() * i / threads);
        int last = (int) ((long) ranges.size() * (i + 1) / threads);
        parts.add(workers.submit(() -> run(work, first, last)));
      }
      for (Future<?> part : parts) {
        part.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted within an optimiser step", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("optimiser step failed", e.getCause());
    } finally {
      gradients.forEach(NDArray::close);
    }
  }

  private void run(Work work, int first, int last) {
    Scratch arrays =
        new Scratch(
            new float[CHUNK], new float[CHUNK], new float[kinds.size()][CHUNK], new float[CHUNK]);
    for (int range = first; range < last; range++) {
      work.over(range, arrays);
    }
  }

  private void update(Range range, Scratch arrays, float gradientScale) {
    Slot slot = range.slot;
    int from = range.from;
    int count = range.to - from;
    if (slot.factor == 0) {
      slot.gradient.put(from, arrays.zeros, 0, count);
      return;
    }
    slot.values.get(from, arrays.values, 0, count);
    slot.gradient.get(from, arrays.gradient, 0, count);
    if (gradientScale != 1) {
      for (int i = 0; i < count; i++) {
        arrays.gradient[i] *= gradientScale;
      }
    }
    for (int k = 0; k < slot.memory.length; k++) {
      System.arraycopy(slot.memory[k], from, arrays.memory[k], 0, count);
    }
    update(
        new Chunk(
            arrays.values,
            arrays.gradient,
            arrays.memory,
            count,
            slot.factor * learningRate,
            slot.matrix),
        steps);
    for (int k = 0; k < slot.memory.length; k++) {
      System.arraycopy(arrays.memory[k], 0, slot.memory[k], from, count);
    }
    slot.values.put(from, arrays.values, 0, count);
    slot.gradient.put(from, arrays.zeros, 0, count);
  }

  private static double squares(Range range, float[] gradient) {
    int count = range.to - range.from;
    range.slot.gradient.get(range.from, gradient, 0, count);
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += (double) gradient[i] * gradient[i];
    }
    return sum;
  }

  @Override
  public long steps() {
    return steps;
  }

  @Override
  public Map<String, Map<String, float[]>> memory() {
    Map<String, Map<String, float[]>> memory = new LinkedHashMap<>();
    for (int k = 0; k < kinds.size(); k++) {
      Map<String, float[]> byName = new LinkedHashMap<>();
      for (Slot slot : slots.values()) {
        byName.put(slot.name, slot.memory[k]);
      }
      memory.put(kinds.get(k), byName);
    }
    return memory;
  }

  @Override
  public void resumeAt(long stepsTaken) {
    steps = stepsTaken;
  }

  @Override
  public void close() {
    workers.shutdown();
  }
}
