package org.equipoise.encoders.onnx;

import java.util.Arrays;
import java.util.List;

/** A network tried out on a content alone, and on the same content with another. */
final class Probe {
  private final Network network;
  private final List<Network.Input> together;
  private final String output;
  private final Network.Output alone;

  Probe(Network network, List<Network.Input> alone, List<Network.Input> together, String output) {
    this.network = network;
    this.together = together;
    this.output = output;
    this.alone = network.run(alone, List.of(output)).get(0);
  }

  /** The shape of the output for one content. */
  long[] shape() {
    return alone.shape();
  }

  /**
   * Whether a content gets the same bits alone and with another. The runtime sums a batch of one in
   * another order where, say, a mean over a grid is an operator of its own.
   */
  boolean sameBitsTogether() {
    float[] both = network.run(together, List.of(output)).get(0).values();
    return Arrays.equals(alone.values(), 0, alone.values().length, both, 0, alone.values().length);
  }
}
