package org.equipoise.encoders.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/**
 * A network tried out: what it gives, and whether a content gets the same bits in batches of every
 * size. Some operators of ONNX Runtime do not: a mean over a grid sums a batch of one in another
 * order, and {@code MatMulNBits} takes rows two by two and an odd last one in another way.
 */
final class Probe {
  /** Contents of a batch that is filled up, so that no row of a product is an odd last one. */
  static final int EVEN = 2;

  private final Network network;
  private final String output;
  private final List<IntFunction<List<Network.Input>>> batches;
  private final long[] shape;

  /**
   * Runs one content.
   *
   * @param batches each makes batches of so many contents, which begin with the same ones; the
   *     contents of each are of a length of their own
   */
  Probe(Network network, String output, List<IntFunction<List<Network.Input>>> batches) {
    this.network = network;
    this.output = output;
    this.batches = List.copyOf(batches);
    shape = network.run(batches.get(0).apply(1), List.of(output)).get(0).shape();
  }

  /** The shape of the output for one content. */
  long[] shape() {
    return shape.clone();
  }

  /** Whether contents get the same bits in a batch of so many as in one twice as large. */
  boolean sameBitsFrom(int contents) {
    for (IntFunction<List<Network.Input>> batch : batches) {
      float[] few = values(batch.apply(contents));
      float[] many = values(batch.apply(2 * contents));
      if (!Arrays.equals(few, 0, few.length, many, 0, few.length)) {
        return false;
      }
    }
    return true;
  }

  private float[] values(List<Network.Input> batch) {
    return network.run(batch, List.of(output)).get(0).values();
  }
}
