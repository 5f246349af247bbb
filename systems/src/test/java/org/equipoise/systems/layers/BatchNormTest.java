package org.equipoise.systems.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class BatchNormTest {
  @Test
  void trainsOnTheBatchAndMovesTheRunningFiguresByItsShare() {
    try (Parameters parameters = new Parameters(1, Device.cpu());
        NDManager manager = NDManager.newBaseManager()) {
      BatchNorm norm = new BatchNorm(parameters, "norm", 1, 0, 0.1f);
      NDArray x = manager.create(new float[] {1, 3, 5}, new Shape(3, 1));

      // mean 3, biased variance 8/3, unbiased variance 4
      float[] normal = norm.forward(x, true).toFloatArray();
      assertThat(normal[2]).isCloseTo((float) (2 / Math.sqrt(8 / 3.0)), within(1e-6f));
      assertThat(parameters.kept().get("norm.running_mean").toFloatArray()[0])
          .isCloseTo(0.3f, within(1e-6f));
      assertThat(parameters.kept().get("norm.running_var").toFloatArray()[0])
          .isCloseTo(0.9f + 0.4f, within(1e-6f));

      float[] evaluated = norm.forward(x, false).toFloatArray();
      assertThat(evaluated[0]).isCloseTo((float) (0.7 / Math.sqrt(1.3)), within(1e-6f));
      assertThat(parameters.byName()).containsOnlyKeys("norm.weight", "norm.bias");
    }
  }
}
