package org.equipoise.systems.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import org.equipoise.systems.engine.Engines;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DropoutTest {
  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  @Test
  void aShareIsZeroAndTheRestIsScaledUp() {
    try (NDManager manager = NDManager.newBaseManager()) {
      Engines.seed(1);
      float[] values =
          new Dropout(0.25f).forward(manager.ones(new Shape(10000)), true).toFloatArray();
      int zeros = 0;
      for (float value : values) {
        zeros += value == 0 ? 1 : 0;
        assertThat(value == 0 || Math.abs(value - 4.0 / 3) < 1e-6).isTrue();
      }
      assertThat(zeros).isBetween(2350, 2650); // 2500 ± 3.5 standard deviations
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 7, 16383, 16384, 16385, 50000})
  void everyElementIsDecidedWhateverTheSize(int size) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Engines.seed(2);
      float[] values =
          new Dropout(0.5f).forward(manager.ones(new Shape(size)), true).toFloatArray();
      int zeros = 0;
      int pairs = 0;
      for (int i = 0; i < size; i++) {
        assertThat(values[i] == 0 || values[i] == 2).isTrue();
        zeros += values[i] == 0 ? 1 : 0;
        pairs += i > 0 && values[i] == values[i - 1] ? 1 : 0;
      }
      // half of them are zero and half of all neighbours agree, within four standard deviations
      double allowed = 2 * Math.sqrt(size);
      assertThat((double) zeros).isCloseTo(size / 2.0, within(allowed));
      assertThat((double) pairs).isCloseTo((size - 1) / 2.0, within(allowed));
    }
  }

  @Test
  void gradientsPassWhereNumbersDo() {
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      NDArray x = manager.ones(new Shape(100));
      x.setRequiresGradient(true);
      NDArray kept = new Dropout(0.5f).forward(x, true);
      collector.backward(kept.sum());
      assertThat(x.getGradient().toFloatArray()).isEqualTo(kept.toFloatArray());
    }
  }

  @Test
  void nothingIsDroppedOutsideTraining() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x = manager.ones(new Shape(10));
      assertThat(new Dropout(0.5f).forward(x, false)).isSameAs(x);
    }
  }
}
