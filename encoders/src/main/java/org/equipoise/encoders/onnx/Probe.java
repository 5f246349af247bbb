package org.equipoise.encoders.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.equipoise.core.WrongUseException;

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
   * @throws WrongUseException if the network fails on it, or gives what are no features of it
   */
  Probe(Network network, String output, List<IntFunction<List<Network.Input>>> batches) {
    this.network = network;
    this.output = output;
    this.batches = List.copyOf(batches);
    shape = usable(batches.get(0).apply(1)).shape();
  }

  /** Runs the network on contents of one more length. */
  void requireRuns(List<Network.Input> batch) {
    usable(batch);
  }

  private Network.Output usable(List<Network.Input> batch) {
    Network.Output given;
    try {
      given = network.run(batch, List.of(output)).get(0);
    } catch (IllegalStateException e) {
      throw new WrongUseException(
          ("%s does not run on a sample of shape %s: its graph, config.json and tokenizer or"
                  + " preprocessor may be of different models, or max_tokens too large (%s)")
              .formatted(
                  network.name(),
                  Arrays.toString(batch.get(0).shape()),
                  e.getMessage().lines().findFirst().orElse("")),
          e);
    }
    long[] dimensions = given.shape();
    if (dimensions.length < 2 || dimensions[0] != 1 || given.values().length == 0) {
      throw new WrongUseException(
          "output '%s' of %s has shape %s for one content, not [1, ...]; name another with 'output'"
              .formatted(output, network.name(), Arrays.toString(dimensions)));
    }
    for (float value : given.values()) {
      if (!Float.isFinite(value)) {
        throw new WrongUseException(
            "output '%s' of %s is %s on a sample: the graph may be damaged, or its numbers too small"
                    .formatted(output, network.name(), value)
                + " a type");
      }
    }
    return given;
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
