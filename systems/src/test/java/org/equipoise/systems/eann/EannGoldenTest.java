package org.equipoise.systems.eann;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.config.Schema;
import org.equipoise.systems.DetectionSystem.Losses;
import org.equipoise.systems.DetectionSystem.Output;
import org.equipoise.systems.DetectionSystem.Targets;
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
class EannGoldenTest {
  private static final String TEXT = "text_pattern";
  private static final String IMAGE = "image_pattern";

  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  static List<GoldenFile> files() {
    return GoldenFile.discover("eann");
  }

  private static Eann build(GoldenFile golden) {
    Eann eann =
        new Eann(
            new SystemContext(
                List.of(
                    new View(TEXT, Modality.TEXT, Kind.PATTERN, golden.size("input.tokens", 2)),
                    new View(IMAGE, Modality.IMAGE, Kind.PATTERN, golden.size("input.image", 1))),
                IntStream.range(0, golden.size("parameter.class.weight", 0))
                    .mapToObj(Integer::toString)
                    .toList(),
                golden.size("parameter.event_out.weight", 0),
                Schema.of(Eann.SETTINGS)
                    .defaults()
                    .with(Eann.FILTERS, golden.size("parameter.text_conv.1.weight", 0))
                    .with(Eann.WIDTH, golden.size("parameter.text_fc.weight", 0))
                    .with(Eann.LAMBDA, golden.constant("lambda")),
                0,
                Device.cpu()));
    golden.fillParameters(eann.parameters());
    return eann;
  }

  private static Features features(GoldenFile golden, NDManager manager, String tokens) {
    NDArray text = golden.array(manager, tokens);
    NDArray image = golden.array(manager, "input.image").get(":{}", text.getShape().get(0));
    return new Features(
        Map.of(
            TEXT,
            new Tokens(text, Optional.empty()),
            IMAGE,
            new Tokens(image.expandDims(1), Optional.empty())),
        Map.of());
  }

  @ParameterizedTest
  @MethodSource("files")
  void valuesLossesAndGradientsAgree(GoldenFile golden) {
    try (Eann eann = build(golden);
        NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      Output output = eann.forward(features(golden, manager, "input.tokens"), true);
      Losses losses =
          eann.losses(
              output,
              new Targets(
                  golden.integers(manager, "input.label"),
                  Optional.of(golden.integers(manager, "input.event")),
                  1));
      collector.backward(losses.total());
      golden.assertClose("output.text_features", output.representations().get(TEXT));
      golden.assertClose("output.image_features", output.representations().get(IMAGE));
      golden.assertClose("output.class_logits", output.logits());
      golden.assertClose(
          "output.event_logits", eann.eventLogits(output.fused(), golden.constant("lambda")));
      golden.assertClose("output.class_loss", losses.parts().get("classification"));
      golden.assertClose("output.event_loss", losses.parts().get("event"));
      golden.assertClose("output.loss", losses.total());
      golden.assertGradients(eann.parameters());
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void fewerTokensThanAWindowArePadded(GoldenFile golden) {
    try (Eann eann = build(golden);
        NDManager manager = NDManager.newBaseManager()) {
      Output output = eann.forward(features(golden, manager, "input.short_tokens"), false);
      golden.assertClose("output.short_text_features", output.representations().get(TEXT));
    }
  }
}
