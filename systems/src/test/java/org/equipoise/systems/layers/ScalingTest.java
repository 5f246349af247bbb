package org.equipoise.systems.layers;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.equipoise.systems.engine.Engines;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ScalingTest {
  @BeforeAll
  static void startEngine() {
    Engines.start(1);
  }

  @Test
  void theFactorSurvivesAGarbageCollectionBetweenForwardAndBackward() throws InterruptedException {
    try (NDManager manager = NDManager.newBaseManager()) {
      List<NDArray> leaves = new ArrayList<>();
      List<ByteBuffer> litter = new ArrayList<>();
      try (GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
        NDArray total = manager.zeros(new Shape());
        for (int i = 0; i < 200; i++) {
          NDArray leaf = manager.ones(new Shape(2));
          leaf.setRequiresGradient(true);
          leaves.add(leaf);
          total = total.add(Scaling.times(leaf, 3 + i).sum());
        }
        System.gc();
        Thread.sleep(100); // buffers are freed by a thread of the JVM's own
        for (int i = 0; i < 20_000; i++) {
          ByteBuffer buffer = ByteBuffer.allocateDirect(8);
          buffer.putLong(0, 0x7f7f7f7f7f7f7f7fL);
          litter.add(buffer);
        }
        gradients.backward(total);
      }
      for (int i = 0; i < leaves.size(); i++) {
        assertThat(leaves.get(i).getGradient().toFloatArray()).containsOnly(3 + i);
      }
      assertThat(litter).hasSize(20_000);
    }
  }

  @Test
  void keepsShapeAndType() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray doubles = manager.create(new double[] {1, -2});
      assertThat(Scaling.times(doubles, 0.1).toDoubleArray()).containsExactly(0.1, -0.2);
      NDArray scalar = manager.create(2f);
      assertThat(Scaling.times(scalar, 0.5).getDataType()).isEqualTo(DataType.FLOAT32);
      assertThat(Scaling.times(scalar, 0.5).getFloat()).isEqualTo(1f);
    }
  }
}
