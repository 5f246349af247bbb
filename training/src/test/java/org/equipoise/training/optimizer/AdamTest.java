package org.equipoise.training.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdamTest {

  /** The loss Σ w·θ has the gradient w at every step. */
  private static void step(NDManager manager, NDArray parameter, NDArray w, Adam adam, double k) {
    try (NDManager scope = manager.newSubManager();
        GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
      NDArray held = w.duplicate();
      held.attach(scope);
      NDArray loss = parameter.mul(held).sum();
      loss.attach(scope);
      gradients.backward(loss);
      adam.step(name -> k);
    }
  }

  @Test
  void twoStepsAgreeWithACalculationByHand() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray parameter = manager.create(new float[] {1f, -2f});
      parameter.setRequiresGradient(true);
      NDArray w = manager.create(new float[] {0.5f, 0f});
      try (Adam adam = new Adam(Map.of("p", parameter), 0.1, 0.01, 1)) {
        step(manager, parameter, w, adam, 1);
        // bias correction makes a first step as long as the learning rate, whatever the gradient
        assertThat(parameter.toFloatArray()[0]).isCloseTo(0.9f, within(1e-6f));
        assertThat(parameter.toFloatArray()[1]).isCloseTo(-1.9f, within(1e-6f));

        step(manager, parameter, w, adam, 1);
        double g1 = 0.5 + 0.01 * 1;
        double g2 = 0.5 + 0.01 * 0.9;
        double m = (0.9 * 0.1 * g1 + 0.1 * g2) / (1 - 0.81);
        double v = (0.999 * 0.001 * g1 * g1 + 0.001 * g2 * g2) / (1 - 0.999 * 0.999);
        assertThat((double) parameter.toFloatArray()[0])
            .isCloseTo(0.9 - 0.1 * m / (Math.sqrt(v) + 1e-8), within(1e-6));
      }
    }
  }

  @Test
  void aFactorScalesTheStepAndNotTheGradient() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray parameter = manager.create(new float[] {1f});
      parameter.setRequiresGradient(true);
      NDArray w = manager.create(new float[] {3f});
      try (Adam adam = new Adam(Map.of("p", parameter), 0.1, 0, 1)) {
        step(manager, parameter, w, adam, 0.25);
        assertThat(parameter.toFloatArray()[0]).isCloseTo(1f - 0.025f, within(1e-6f));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5})
  void theNumberOfThreadsDoesNotChangeAByte(int threads) {
    assertThat(tenSteps(threads)).isEqualTo(tenSteps(1));
  }

  private static float[] tenSteps(int threads) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Engine.getInstance().setRandomSeed(5);
      NDArray parameter = manager.randomNormal(new Shape(131, 97));
      NDArray w = manager.randomNormal(new Shape(131, 97));
      parameter.setRequiresGradient(true);
      try (Adam adam = new Adam(Map.of("p", parameter), 0.01, 0.1, threads)) {
        for (int i = 0; i < 10; i++) {
          step(manager, parameter, w, adam, 1);
        }
      }
      return parameter.toFloatArray();
    }
  }

  @Test
  void aParameterWithoutAGradientStillDecays() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray used = manager.create(new float[] {1f});
      NDArray unused = manager.create(new float[] {2f});
      used.setRequiresGradient(true);
      unused.setRequiresGradient(true);
      try (Adam adam = new Adam(Map.of("used", used, "unused", unused), 0.1, 0.5, 1)) {
        step(manager, used, manager.create(new float[] {1f}), adam, 1);
        assertThat(unused.toFloatArray()[0]).isCloseTo(1.9f, within(1e-6f));
      }
    }
  }
}
