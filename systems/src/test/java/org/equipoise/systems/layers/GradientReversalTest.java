package org.equipoise.systems.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import org.equipoise.systems.engine.Engines;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GradientReversalTest {
  @BeforeAll
  static void start() {
    Engines.start(1);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.3, 1, 7})
  void valuesPassAndGradientsTurn(double lambda) {
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      NDArray x = manager.create(new float[] {2, -5});
      x.setRequiresGradient(true);
      NDArray passed = GradientReversal.of(x, lambda);
      collector.backward(passed.mul(manager.create(new float[] {1, 3})).sum());
      assertThat(passed.toFloatArray()).containsExactly(new float[] {2, -5}, within(1e-5f));
      assertThat(x.getGradient().toFloatArray())
          .containsExactly(new float[] {(float) -lambda, (float) (-3 * lambda)}, within(1e-5f));
    }
  }
}
