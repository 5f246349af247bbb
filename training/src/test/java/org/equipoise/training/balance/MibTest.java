package org.equipoise.training.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import org.equipoise.systems.DetectionSystem;
import org.junit.jupiter.api.Test;

class MibTest {
  private static DetectionSystem.Output output(
      Map<String, NDArray> viewLogits, Map<String, NDArray> presence) {
    NDArray first = viewLogits.values().iterator().next();
    return new DetectionSystem.Output(
        first, viewLogits, presence, Map.of(), Map.of(), first, Map.of());
  }

  @Test
  void onlyTheViewAboveAnEvenShareIsSlowed() {
    try (NDManager manager = NDManager.newBaseManager()) {
      Map<String, NDArray> logits = new LinkedHashMap<>();
      float ln3 = (float) Math.log(3);
      logits.put("strong", manager.create(new float[] {ln3, 0, 0, ln3}, new Shape(2, 2)));
      logits.put("weak", manager.create(new float[] {0, 0, 0, 0}, new Shape(2, 2)));

      ViewFigures figures = ViewFigures.of(output(logits, Map.of()), new long[] {0, 1});
      Map<String, Double> factors = new Mib(0.8).factors(figures);

      assertThat(figures.s().get("strong")).isCloseTo(0.75, within(1e-6));
      assertThat(figures.s().get("weak")).isCloseTo(0.5, within(1e-6));
      assertThat(figures.rho().get("strong")).isCloseTo(0.6, within(1e-6));
      assertThat(factors.get("strong")).isCloseTo(1 - Math.tanh(0.8 * 0.6), within(1e-6));
      assertThat(factors.get("weak")).isEqualTo(1);
    }
  }

  @Test
  void postsThatLackAViewDoNotCountAndAViewThatAllLackTakesNoPart() {
    try (NDManager manager = NDManager.newBaseManager()) {
      Map<String, NDArray> logits = new LinkedHashMap<>();
      float ln3 = (float) Math.log(3);
      logits.put("text", manager.create(new float[] {ln3, 0, 0, 0}, new Shape(2, 2)));
      logits.put("image", manager.create(new float[] {0, 0, 0, 0}, new Shape(2, 2)));
      Map<String, NDArray> presence =
          Map.of(
              "text", manager.create(new float[] {1, 0}),
              "image", manager.create(new float[] {0, 0}));

      ViewFigures figures = ViewFigures.of(output(logits, presence), new long[] {0, 1});
      Map<String, Double> factors = new Mib(0.8).factors(figures);

      assertThat(figures.s()).containsOnlyKeys("text");
      assertThat(figures.s().get("text")).isCloseTo(0.75, within(1e-6));
      assertThat(factors.get("text")).isEqualTo(1);
    }
  }

  @Test
  void alphaZeroLeavesEveryViewAlone() {
    try (NDManager manager = NDManager.newBaseManager()) {
      Map<String, NDArray> logits = new LinkedHashMap<>();
      logits.put("a", manager.create(new float[] {4, 0}, new Shape(1, 2)));
      logits.put("b", manager.create(new float[] {0, 4}, new Shape(1, 2)));
      ViewFigures figures = ViewFigures.of(output(logits, Map.of()), new long[] {0});
      Map<String, Double> factors = new Mib(0).factors(figures);
      assertThat(factors.values()).containsOnly(1.0);
    }
  }
}
