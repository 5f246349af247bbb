package org.equipoise.systems.safe;

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
class SafeGoldenTest {
  private static final String TEXT = "text_pattern";
  private static final String IMAGE = "image_pattern";

  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  static List<GoldenFile> files() {
    return GoldenFile.discover("safe");
  }

  private static Safe build(GoldenFile golden) {
    Safe safe =
        new Safe(
            new SystemContext(
                List.of(
                    new View(
                        TEXT, Modality.TEXT, Kind.PATTERN, golden.size("input.text_tokens", 2)),
                    new View(
                        IMAGE, Modality.IMAGE, Kind.PATTERN, golden.size("input.image_tokens", 2))),
                List.of("real", "fake"),
                0,
                Schema.of(Safe.SETTINGS)
                    .defaults()
                    .with(Safe.REDUCED, golden.size("parameter.text.reduce.weight", 0))
                    .with(Safe.FILTERS, golden.size("parameter.text.conv.3.weight", 0))
                    .with(Safe.WIDTH, golden.size("parameter.text.out.weight", 0))
                    .with(Safe.ALPHA, golden.constant("alpha"))
                    .with(Safe.BETA, golden.constant("beta")),
                0,
                Device.cpu()));
    golden.fillParameters(safe.parameters());
    return safe;
  }

  @ParameterizedTest
  @MethodSource("files")
  void valuesLossesAndGradientsAgree(GoldenFile golden) {
    try (Safe safe = build(golden);
        NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      Output output =
          safe.forward(
              new Features(
                  Map.of(
                      TEXT,
                      new Tokens(golden.array(manager, "input.text_tokens"), Optional.empty()),
                      IMAGE,
                      new Tokens(golden.array(manager, "input.image_tokens"), Optional.empty())),
                  Map.of()),
              true);
      Losses losses = safe.losses(output, golden.integers(manager, "input.fake"));
      collector.backward(losses.total());
      golden.assertClose("output.text_features", output.representations().get(TEXT));
      golden.assertClose("output.image_features", output.representations().get(IMAGE));
      golden.assertClose("output.similarity", output.stages().get("similarity"));
      golden.assertClose("output.logits", output.logits());
      golden.assertClose("output.prediction_loss", losses.parts().get("classification"));
      golden.assertClose("output.similarity_loss", losses.parts().get("similarity"));
      golden.assertClose("output.loss", losses.total());
      golden.assertGradients(safe.parameters());
    }
  }
}
