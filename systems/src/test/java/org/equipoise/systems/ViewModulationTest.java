package org.equipoise.systems;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.Map;
import org.equipoise.systems.DetectionSystem.Output;
import org.equipoise.systems.engine.Engines;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ViewModulationTest {
  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  private static Output output(Map<String, NDArray> logits, Map<String, NDArray> presence) {
    NDArray any = logits.values().iterator().next();
    return new Output(any, logits, presence, Map.of(), any, Map.of());
  }

  @Test
  void theLeadingViewAloneIsSlowed() {
    try (NDManager manager = NDManager.newBaseManager()) {
      float ln3 = (float) Math.log(3);
      Map<String, NDArray> logits = new LinkedHashMap<>();
      logits.put("leading", manager.create(new float[][] {{ln3, 0}, {0, ln3}})); // 3/4 each
      logits.put("trailing", manager.create(new float[][] {{0, 0}, {ln3, 0}})); // 1/2 and 1/4
      var figures = ViewModulation.of(output(logits, Map.of()), new long[] {0, 1}, 0.8);

      assertThat(figures.get("leading").s()).isCloseTo(0.75, within(1e-6));
      assertThat(figures.get("trailing").s()).isCloseTo(0.375, within(1e-6));
      assertThat(figures.get("leading").rho()).isCloseTo(2.0 / 3, within(1e-6));
      assertThat(figures.get("leading").k()).isCloseTo(1 - Math.tanh(0.8 * 2 / 3), within(1e-6));
      assertThat(figures.get("trailing").k()).isEqualTo(1);
    }
  }

  @Test
  void postsThatLackAViewAndViewsThatAllLackDoNotCount() {
    try (NDManager manager = NDManager.newBaseManager()) {
      float ln3 = (float) Math.log(3);
      Map<String, NDArray> logits = new LinkedHashMap<>();
      logits.put("partly", manager.create(new float[][] {{ln3, 0}, {0, 0}}));
      logits.put("never", manager.create(new float[][] {{0, 0}, {0, 0}}));
      logits.put("always", manager.create(new float[][] {{ln3, 0}, {ln3, 0}}));
      Map<String, NDArray> presence =
          Map.of(
              "partly", manager.create(new float[] {1, 0}),
              "never", manager.create(new float[] {0, 0}));
      var figures = ViewModulation.of(output(logits, presence), new long[] {0, 0}, 0.8);

      assertThat(figures.keySet()).containsExactly("partly", "always");
      // two views take part, so that equal ones stand at the threshold of 1/2 and none is slowed
      assertThat(figures.get("partly").s()).isCloseTo(0.75, within(1e-6));
      assertThat(figures.get("partly").rho()).isCloseTo(0.5, within(1e-6));
    }
  }
}
