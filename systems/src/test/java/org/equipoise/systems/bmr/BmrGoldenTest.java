package org.equipoise.systems.bmr;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.LinkedHashMap;
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
import org.equipoise.systems.layers.Scaling;
import org.equipoise.systems.layers.Tokens;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("golden")
class BmrGoldenTest {
  private static final String TEXT = "text_pattern";
  private static final String IMAGE = "image_semantic";
  private static final String PATTERN = "image_pattern";
  private static final double PAIRS_WEIGHT = 2;

  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  static List<GoldenFile> files() {
    return GoldenFile.discover("bmr");
  }

  private static Bmr build(GoldenFile golden) {
    int width = golden.size("input.pattern", 1);
    Bmr bmr =
        new Bmr(
            new SystemContext(
                List.of(
                    new View(TEXT, Modality.TEXT, Kind.PATTERN, width),
                    new View(IMAGE, Modality.IMAGE, Kind.SEMANTIC, width),
                    new View(PATTERN, Modality.IMAGE, Kind.PATTERN, width)),
                2,
                Schema.of(Bmr.SETTINGS)
                    .defaults()
                    .with(Bmr.WIDTH, width)
                    .with(Bmr.HEADS, (int) golden.constant("heads"))
                    .with(Bmr.EXPERTS, (int) golden.constant("experts"))
                    .with(Bmr.TRIM, golden.size("parameter.text_head.trim.weight", 0))
                    .with(Bmr.REWEIGHING, golden.size("parameter.reweigh_text.0.weight", 0))
                    .with(Bmr.CONSISTENCY, PAIRS_WEIGHT),
                0,
                Device.cpu()));
    // the file's tokens have the network's width already
    Map<String, NDArray> published = new LinkedHashMap<>(bmr.parameters());
    published.keySet().removeIf(name -> name.contains("_projection."));
    golden.fillParameters(published);
    golden.fillBuffers(bmr.buffers());
    return bmr;
  }

  private static Tokens tokens(GoldenFile golden, NDManager manager, String name) {
    return new Tokens(golden.array(manager, name), Optional.empty());
  }

  /** The log-odds of two classes' logits. */
  private static NDArray odds(NDArray logits) {
    return logits.get(":, 1:").sub(logits.get(":, :1"));
  }

  @ParameterizedTest
  @MethodSource("files")
  void valuesLossesAndGradientsAgree(GoldenFile golden) {
    try (Bmr bmr = build(golden);
        NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      Features features =
          new Features(
              Map.of(
                  TEXT,
                  tokens(golden, manager, "input.text_tokens"),
                  IMAGE,
                  tokens(golden, manager, "input.image_tokens"),
                  PATTERN,
                  new Tokens(
                      golden.array(manager, "input.pattern").expandDims(1), Optional.empty())),
              Map.of());
      Output output = bmr.read(features, false);
      Losses losses = bmr.losses(output, golden.integers(manager, "input.fake"));
      NDArray ofPairs =
          bmr.consistency(
              tokens(golden, manager, "input.pair_text_tokens"),
              tokens(golden, manager, "input.pair_image_tokens"),
              golden.integers(manager, "input.mismatched"),
              false);
      NDArray loss = losses.total().add(Scaling.times(ofPairs, PAIRS_WEIGHT));
      collector.backward(loss);
      golden.assertClose("output.text_gate", output.stages().get("gate." + TEXT));
      golden.assertClose("output.fused_gate", output.stages().get("gate.fused"));
      golden.assertClose("output.text_view", output.representations().get(TEXT));
      golden.assertClose("output.image_view", output.representations().get(IMAGE));
      golden.assertClose("output.fused_view", output.stages().get("fused"));
      golden.assertClose("output.text_logit", odds(output.viewLogits().get(TEXT)));
      golden.assertClose("output.image_logit", odds(output.viewLogits().get(IMAGE)));
      golden.assertClose("output.pattern_logit", odds(output.viewLogits().get(PATTERN)));
      golden.assertClose("output.mismatch_logit", output.stages().get("mismatch"));
      golden.assertClose("output.weights", output.stages().get("weights"));
      golden.assertClose("output.logit", odds(output.logits()));
      golden.assertClose("output.loss", loss);
      golden.assertGradients(bmr.parameters());
      assertThat(bmr.parameters()).containsKeys(golden.names("gradient.").toArray(new String[0]));
    }
  }
}
