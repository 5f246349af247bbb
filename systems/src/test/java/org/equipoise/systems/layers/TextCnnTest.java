package org.equipoise.systems.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import java.util.List;
import java.util.Optional;
import org.equipoise.systems.engine.Engines;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TextCnnTest {
  @BeforeAll
  static void start() {
    Engines.start(1);
  }

  private static TextCnn pairs(Parameters parameters) {
    TextCnn cnn = TextCnn.of(parameters, "conv", 1, List.of(2), 1, Activation::relu);
    put(parameters, "conv.2.weight", 1, -2);
    put(parameters, "conv.2.bias", 10);
    return cnn;
  }

  private static void put(Parameters parameters, String name, float... values) {
    parameters.byName().get(name).toByteBuffer(true).asFloatBuffer().put(values);
  }

  @Test
  void takesTheLargestWindow() {
    try (Parameters parameters = new Parameters(1, Device.cpu());
        NDManager manager = NDManager.newBaseManager()) {
      NDArray tokens = manager.create(new float[] {3, 1, 4, 1}, new Shape(1, 4, 1));
      // 3 − 2, 1 − 8, 4 − 2, each and 10
      assertThat(
              pairs(parameters).forward(new Tokens(tokens, Optional.empty()), false).toFloatArray())
          .containsExactly(new float[] {12}, within(1e-6f));
    }
  }

  @Test
  void windowsThatReachIntoPaddingCountOnlyForPostsShorterThanOne() {
    try (Parameters parameters = new Parameters(1, Device.cpu());
        NDManager manager = NDManager.newBaseManager()) {
      NDArray tokens =
          manager.create(new float[] {3, 4, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0}, new Shape(3, 4, 1));
      NDArray mask =
          manager.create(new float[] {1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}, new Shape(3, 4));
      // only 3 − 8; only 3 − 0; nothing but padding
      assertThat(
              pairs(parameters)
                  .forward(new Tokens(tokens, Optional.of(mask)), false)
                  .toFloatArray())
          .containsExactly(new float[] {5, 13, 10}, within(1e-6f));
    }
  }
}
