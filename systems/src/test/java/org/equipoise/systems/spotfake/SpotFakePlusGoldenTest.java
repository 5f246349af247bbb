package org.equipoise.systems.spotfake;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.config.Schema;
import org.equipoise.systems.DetectionSystem.Losses;
import org.equipoise.systems.DetectionSystem.Output;
import org.equipoise.systems.Network.Features;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.engine.Engines;
import org.equipoise.systems.golden.GoldenFile;
import org.equipoise.systems.layers.Tokens;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("golden")
class SpotFakePlusGoldenTest {
  private static final String TEXT = "text_pattern";
  private static final String IMAGE = "image_pattern";

  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  static List<GoldenFile> files() {
    return GoldenFile.discover("spotfake_plus");
  }

  private static List<Integer> widths(GoldenFile golden, String stack) {
    return golden.sizes(
        0,
        golden.names("parameter." + stack + ".").stream()
            .filter(name -> name.endsWith(".weight"))
            .map(name -> "parameter." + stack + "." + name)
            .toArray(String[]::new));
  }

  private static SpotFakePlus build(GoldenFile golden) {
    SpotFakePlus network =
        new SpotFakePlus(
            new SystemContext(
                List.of(
                    new View(TEXT, Modality.TEXT, Kind.PATTERN, golden.size("input.tokens", 2)),
                    new View(IMAGE, Modality.IMAGE, Kind.PATTERN, golden.size("input.image", 1))),
                golden.size("parameter.class.weight", 0),
                Schema.of(SpotFakePlus.SETTINGS)
                    .defaults()
                    .with(SpotFakePlus.TEXT, "flattened")
                    .with(SpotFakePlus.TOKENS, golden.size("input.tokens", 1))
                    .with(SpotFakePlus.TEXT_WIDTHS, widths(golden, "text"))
                    .with(SpotFakePlus.IMAGE_WIDTHS, widths(golden, "image"))
                    .with(SpotFakePlus.HEAD_WIDTHS, widths(golden, "head"))
                    .with(SpotFakePlus.DROPOUT, 0.0),
                0,
                Device.cpu()));
    golden.fillParameters(network.parameters());
    golden.fillBuffers(network.buffers());
    return network;
  }

  private static Features features(GoldenFile golden, NDManager manager) {
    return new Features(
        Map.of(
            TEXT,
            new Tokens(golden.array(manager, "input.tokens"), Optional.empty()),
            IMAGE,
            new Tokens(golden.array(manager, "input.image").expandDims(1), Optional.empty())),
        Map.of());
  }

  @ParameterizedTest
  @MethodSource("files")
  void valuesLossesAndGradientsAgree(GoldenFile golden) {
    try (SpotFakePlus network = build(golden);
        NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      Output output = network.forward(features(golden, manager), false);
      Losses losses = network.losses(output, golden.integers(manager, "input.label"));
      collector.backward(losses.total());
      golden.assertClose("output.text_features", output.representations().get(TEXT));
      golden.assertClose("output.image_features", output.representations().get(IMAGE));
      golden.assertClose("output.logits", output.logits());
      golden.assertClose("output.l2", losses.parts().get("penalty"));
      golden.assertClose("output.loss", losses.total().sub(losses.parts().get("probe")));
      golden.assertGradients(network.parameters());
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void trainingUsesTheBatchsFigures(GoldenFile golden) {
    try (SpotFakePlus network = build(golden);
        NDManager manager = NDManager.newBaseManager()) {
      Output output = network.forward(features(golden, manager), true);
      golden.assertClose("output.train_logits", output.logits());
      assertThat(network.buffers().keySet()).contains("text_norm.running_mean");
    }
  }
}
