package org.equipoise.systems.layers;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * The learnt numbers of a network, by name, in the order in which its layers asked for them. Owns
 * their native memory.
 *
 * <p>Initial values depend on the seed, the parameter's name and the element alone: neither on the
 * engine, nor on threads, nor on which other parameters there are.
 */
public final class Parameters implements AutoCloseable {
  private static final double UNIT = 0x1.0p-53;

  private final NDManager manager;
  private final Device device;
  private final long seed;
  private final Map<String, NDArray> byName = new LinkedHashMap<>();
  private final Map<String, NDArray> kept = new LinkedHashMap<>();

  /**
   * An empty set.
   *
   * @param seed decides the initial values
   * @param device where they will lie
   */
  public Parameters(long seed, Device device) {
    this.manager = NDManager.newBaseManager(device);
    this.device = device;
    this.seed = seed;
  }

  /** All so far, in order; a view that grows with the set. */
  public Map<String, NDArray> byName() {
    return Collections.unmodifiableMap(byName);
  }

  /** What {@link #kept(String, float, long...)} added, in order; a view that grows with the set. */
  public Map<String, NDArray> kept() {
    return Collections.unmodifiableMap(kept);
  }

  /** Adds one with values drawn uniformly from ±1/√fan. */
  public NDArray uniform(String name, long fan, long... shape) {
    double bound = 1 / Math.sqrt(fan);
    return between(name, -bound, bound, shape);
  }

  /** Adds one with values drawn uniformly from a range. */
  public NDArray between(String name, double low, double high, long... shape) {
    double middle = (low + high) / 2;
    double reach = (high - low) / 2;
    long start = start(name);
    float[] values = new float[Math.toIntExact(new Shape(shape).size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (middle + (2 * fraction(start, i) - 1) * reach);
    }
    return add(name, values, shape);
  }

  /**
   * Adds one with values drawn from a normal distribution of mean 0 and standard deviation
   * √(2/fan), as He et al. (2015) start layers before a ReLU.
   */
  public NDArray heNormal(String name, long fan, long... shape) {
    double deviation = Math.sqrt(2.0 / fan);
    long start = start(name);
    float[] values = new float[Math.toIntExact(new Shape(shape).size())];
    for (int i = 0; i < values.length; i++) {
      // Box and Muller (1958); 1 − fraction is never 0
      double radius = Math.sqrt(-2 * Math.log(1 - fraction(start, 2L * i)));
      double angle = 2 * Math.PI * fraction(start, 2L * i + 1);
      values[i] = (float) (deviation * radius * Math.cos(angle));
    }
    return add(name, values, shape);
  }

  private long start(String name) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    return SplitMix.at(seed, crc.getValue());
  }

  /** In [0, 1). */
  private static double fraction(long start, long element) {
    return (SplitMix.at(start, element) >>> 11) * UNIT;
  }

  /** Adds one with every value the same. */
  public NDArray constant(String name, float value, long... shape) {
    float[] values = new float[Math.toIntExact(new Shape(shape).size())];
    java.util.Arrays.fill(values, value);
    return add(name, values, shape);
  }

  private NDArray add(String name, float[] values, long... shape) {
    NDArray parameter = array(values, shape);
    parameter.setName(name);
    parameter.setRequiresGradient(true);
    if (byName.put(name, parameter) != null) {
      throw new IllegalArgumentException("two parameters named " + name);
    }
    return parameter;
  }

  /** Numbers that are not learnt but change while training, and are stored with the parameters. */
  public NDArray kept(String name, float value, long... shape) {
    NDArray numbers = buffer(value, shape);
    numbers.setName(name);
    if (byName.containsKey(name) || kept.put(name, numbers) != null) {
      throw new IllegalArgumentException("two parameters named " + name);
    }
    return numbers;
  }

  /** Numbers that are not learnt but live as long as the parameters do; not in {@link #byName}. */
  public NDArray buffer(float value, long... shape) {
    float[] values = new float[Math.toIntExact(new Shape(shape).size())];
    java.util.Arrays.fill(values, value);
    return array(values, shape);
  }

  private NDArray array(float[] values, long... shape) {
    if (device.isGpu()) {
      return manager.create(FloatBuffer.wrap(values), new Shape(shape), DataType.FLOAT32);
    }
    // memory of the engine itself, aligned, instead of a Java buffer that it would refer to
    NDArray array = manager.create(new Shape(shape), DataType.FLOAT32);
    ByteBuffer memory = array.toByteBuffer(true);
    memory.asFloatBuffer().put(values);
    return array;
  }

  @Override
  public void close() {
    manager.close();
  }
}
