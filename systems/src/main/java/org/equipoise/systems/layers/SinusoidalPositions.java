package org.equipoise.systems.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/**
 * Positions as sines and cosines (Vaswani et al. 2017): dimension j of position p is {@code sin(p /
 * 10000^e(j))} for even j and the cosine of it for odd j. Nothing is learnt.
 */
public final class SinusoidalPositions {
  private static final double BASE = 10000;

  private final int width;
  private final IntToDoubleFunction exponent;
  private float[] table = new float[0];

  private SinusoidalPositions(int width, IntToDoubleFunction exponent) {
    this.width = width;
    this.exponent = exponent;
  }

  /** e(j) = 2 ⌊j/2⌋ / d, a sine and a cosine of each frequency. */
  public static SinusoidalPositions paired(int width) {
    return new SinusoidalPositions(width, j -> 2.0 * (j / 2) / width);
  }

  /** e(j) = 2 j / d: each dimension has a frequency of its own, and they fall twice as fast. */
  public static SinusoidalPositions single(int width) {
    return new SinusoidalPositions(width, j -> 2.0 * j / width);
  }

  /** Tokens {@code [B, T, d]} with the positions 0 … T − 1 added. */
  public NDArray addTo(NDArray tokens) {
    return tokens.add(first(tokens.getManager(), Math.toIntExact(tokens.getShape().get(1))));
  }

  /**
   * Tokens {@code [B, T, d]} with these positions added.
   *
   * @param places post by post, {@code B · T} of them, each at least 0 and below T
   */
  public NDArray addTo(NDArray tokens, int[] places) {
    NDManager manager = tokens.getManager();
    NDArray rows = first(manager, Math.toIntExact(tokens.getShape().get(1)));
    NDArray chosen = rows.get(new NDIndex("{}", manager.create(places)));
    return tokens.add(chosen.reshape(tokens.getShape()));
  }

  /** {@code [count, d]}. */
  private NDArray first(NDManager manager, int count) {
    if (table.length < count * width) {
      table = new float[count * width];
      for (int i = 0; i < table.length; i++) {
        int j = i % width;
        double angle = (i / width) / Math.pow(BASE, exponent.applyAsDouble(j));
        table[i] = (float) (j % 2 == 0 ? Math.sin(angle) : Math.cos(angle));
      }
    }
    return manager.create(Arrays.copyOf(table, count * width), new Shape(count, width));
  }
}
