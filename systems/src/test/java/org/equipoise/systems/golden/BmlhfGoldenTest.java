package org.equipoise.systems.golden;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.DetectionSystem.Losses;
import org.equipoise.systems.DetectionSystem.Output;
import org.equipoise.systems.engine.Engines;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("golden")
class BmlhfGoldenTest {
  private static final double TOLERANCE = 1e-5;

  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  static List<GoldenCase> cases() {
    return GoldenCase.discover();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void stagesAgree(GoldenCase golden) {
    try (DetectionSystem system = golden.build();
        NDManager manager = NDManager.newBaseManager()) {
      Output output = system.forward(golden.input(manager), true);
      Map<String, NDArray> stages = new LinkedHashMap<>(output.stages());
      stages.put("fused", output.fused());
      stages.put("logits", output.logits());
      output.viewLogits().forEach((view, logits) -> stages.put("view_logits." + view, logits));
      List<String> names = golden.names("stage.");
      assertThat(names).isNotEmpty();
      for (String name : names) {
        NDArray stage = stages.get(name.substring("stage.".length()));
        assertThat(stage).as(name).isNotNull();
        golden.assertClose(name, stage.toFloatArray(), i -> TOLERANCE);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void lossesAndGradientsAgree(GoldenCase golden) {
    try (DetectionSystem system = golden.build();
        NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      Output output = system.forward(golden.input(manager), true);
      Losses losses = system.losses(output, golden.labels(manager));
      collector.backward(losses.total());
      Map<String, NDArray> parts = new LinkedHashMap<>(losses.parts());
      parts.put("total", losses.total());
      List<String> names = golden.names("loss.");
      assertThat(names).hasSameSizeAs(parts.keySet());
      for (String name : names) {
        golden.assertClose(
            name, parts.get(name.substring("loss.".length())).toFloatArray(), i -> TOLERANCE);
      }
      assertThat(golden.names("gradient.").stream().map(n -> n.substring("gradient.".length())))
          .containsExactlyInAnyOrderElementsOf(system.parameters().keySet());
      system
          .parameters()
          .forEach(
              (name, parameter) -> {
                try (NDArray gradient = parameter.getGradient()) {
                  float[] values = gradient.toFloatArray();
                  golden.assertClose(
                      "gradient." + name, values, i -> TOLERANCE + 1e-4 * Math.abs(values[i]));
                }
              });
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theNetworkHasAsManyParametersAsTheFileSays(GoldenCase golden) {
    long expected = golden.config().path("count").asLong(-1);
    try (DetectionSystem system = golden.build()) {
      long count = system.parameters().values().stream().mapToLong(NDArray::size).sum();
      assertThat(expected == -1 ? count : expected).isEqualTo(count);
    }
  }
}
