package org.equipoise.systems.mttv;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
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
class MttvGoldenTest {
  private static final String TEXT = "text_pattern";
  private static final String IMAGE = "image_pattern";

  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  static List<GoldenFile> files() {
    return GoldenFile.discover("mttv");
  }

  private static Mttv build(GoldenFile golden) {
    int layers =
        (int)
            golden.names("parameter.layers.").stream()
                .filter(name -> name.endsWith(".q.weight"))
                .count();
    Mttv mttv =
        new Mttv(
            new SystemContext(
                List.of(
                    new View(
                        TEXT, Modality.TEXT, Kind.PATTERN, golden.size("input.text_tokens", 2)),
                    new View(
                        IMAGE,
                        Modality.IMAGE,
                        Kind.PATTERN,
                        golden.size("input.global_tokens", 2))),
                golden.size("parameter.class.weight", 0),
                Schema.of(Mttv.SETTINGS)
                    .defaults()
                    .with(Mttv.WIDTH, golden.size("parameter.cls", 0))
                    .with(Mttv.HEADS, (int) golden.constant("heads"))
                    .with(Mttv.FEED_FORWARD, golden.size("parameter.layers.0.inner.weight", 0))
                    .with(Mttv.LAYERS, layers)
                    .with(Mttv.GLOBALS, golden.size("input.global_tokens", 1))
                    .with(Mttv.REGIONS, golden.size("input.region_tokens", 1))
                    .with(Mttv.POSITIONS, golden.size("parameter.position", 0))
                    .with(Mttv.DROPOUT, 0.0)
                    .with(Mttv.TAU, golden.constant("tau")),
                0,
                Device.cpu()));
    golden.fillParameters(mttv.parameters());
    return mttv;
  }

  private static Output read(Mttv mttv, GoldenFile golden, NDManager manager) {
    NDArray mask = golden.integers(manager, "input.text_mask");
    Tokens global = new Tokens(golden.array(manager, "input.global_tokens"), Optional.empty());
    Features features =
        new Features(
            Map.of(
                TEXT,
                new Tokens(
                    golden.array(manager, "input.text_tokens"),
                    Optional.of(mask.toType(DataType.FLOAT32, false))),
                IMAGE,
                global),
            Map.of());
    return mttv.read(
        features,
        Optional.of(
            new VisualTokens(
                global,
                Optional.of(
                    new Tokens(golden.array(manager, "input.region_tokens"), Optional.empty())))),
        false);
  }

  @ParameterizedTest
  @MethodSource("files")
  void valuesLossAndGradientsAgree(GoldenFile golden) {
    try (Mttv mttv = build(golden);
        NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      Output output = read(mttv, golden, manager);
      Losses losses = mttv.losses(output, golden.integers(manager, "input.label"));
      collector.backward(losses.total());
      golden.assertClose("output.embedded", output.stages().get("embedded"));
      golden.assertClose("output.encoded", output.stages().get("encoded"));
      golden.assertClose("output.pooled", output.fused());
      golden.assertClose("output.logits", output.logits());
      golden.assertClose("output.loss", losses.parts().get("classification"));
      golden.assertGradients(mttv.parameters());
      assertThat(mttv.parameters()).containsKeys(golden.names("gradient.").toArray(new String[0]));
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void theScalableClassifierAgrees(GoldenFile golden) {
    double[] recalls = golden.doubles("input.validation_recall");
    // so many posts that no recall is raised to half a post's
    int[] posts = IntStream.range(0, recalls.length).map(c -> 1_000_000).toArray();
    try (Mttv mttv = build(golden);
        NDManager manager = NDManager.newBaseManager()) {
      mttv.rescale(recalls, posts);
      Output scaled = Engines.withoutGradients(() -> read(mttv, golden, manager));
      golden.assertClose("output.scaled", scaled.logits().softmax(1));
      golden.assertClose(
          "output.factor", ScalableClassifier.factors(recalls, posts, golden.constant("tau")));
      mttv.resetScaling();
      Output unscaled = Engines.withoutGradients(() -> read(mttv, golden, manager));
      golden.assertClose("output.logits", unscaled.logits());
    }
  }
}
