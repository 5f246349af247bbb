package org.equipoise.systems.layers;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.equipoise.systems.engine.Engines;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

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

  @Test
  void nothingIsDroppedOutsideTraining() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x = manager.ones(new Shape(10));
      assertThat(new Dropout(0.5f).forward(x, false)).isSameAs(x);
    }
  }
}
