package org.equipoise.systems.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;

/**
 * Sets numbers to zero at random while training and scales the others up by {@code 1/(1 − rate)}
 * (Srivastava et al. 2014).
 *
 * <p>Which ones is decided by a single number that is drawn from the engine and expanded here: the
 * engine's own dropout draws one number after the other from a serial generator, which took a tenth
 * of a whole training step; this takes a third of that.
 *
 * @param rate the share that is dropped, at least 0 and below 1
 */
public record Dropout(float rate) {
  private static final int CHUNK = 1 << 14;
  private static final int LEVELS = 1 << 16;
  private static final int DRAWS = 4;

  /** The input itself where nothing is to be dropped. */
  public NDArray forward(NDArray x, boolean training) {
    int threshold = Math.round(rate * LEVELS);
    if (!training || threshold == 0) {
      return x;
    }
    if (x.getDevice().isGpu() || x.getDataType() != DataType.FLOAT32) {
      return x.getNDArrayInternal().dropout(x, rate, true).singletonOrThrow();
    }
    try (NDArray mask = mask(x, threshold)) {
      return x.mul(mask);
    }
  }

  private static NDArray mask(NDArray x, int threshold) {
    long key;
    try (NDArray drawn =
        x.getManager().randomInteger(0, Long.MAX_VALUE, new Shape(1), DataType.INT64)) {
      key = drawn.toLongArray()[0];
    }
    NDArray mask = x.getManager().create(x.getShape(), DataType.FLOAT32);
    FloatBuffer memory = mask.toByteBuffer(true).asFloatBuffer();
    float kept = (float) LEVELS / (LEVELS - threshold);
    float[] chunk = new float[Math.min(memory.remaining() + DRAWS - 1, CHUNK)];
    long counter = 0;
    while (memory.hasRemaining()) {
      for (int i = 0; i + DRAWS <= chunk.length; i += DRAWS) {
        long bits = SplitMix.at(key, counter++);
        chunk[i] = (bits & 0xFFFF) < threshold ? 0 : kept;
        chunk[i + 1] = (bits >>> 16 & 0xFFFF) < threshold ? 0 : kept;
        chunk[i + 2] = (bits >>> 32 & 0xFFFF) < threshold ? 0 : kept;
        chunk[i + 3] = bits >>> 48 < threshold ? 0 : kept;
      }
      memory.put(chunk, 0, Math.min(chunk.length / DRAWS * DRAWS, memory.remaining()));
    }
    return mask;
  }
}
