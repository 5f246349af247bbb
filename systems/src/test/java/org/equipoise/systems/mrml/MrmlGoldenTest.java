package org.equipoise.systems.mrml;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
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
import org.equipoise.systems.DetectionSystem.Targets;
import org.equipoise.systems.Network.Features;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.engine.Engines;
import org.equipoise.systems.golden.GoldenFile;
import org.equipoise.systems.layers.Parameters;
import org.equipoise.systems.layers.Tokens;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("golden")
class MrmlGoldenTest {
  private static final String TEXT = "text_pattern";
  private static final String IMAGE = "image_pattern";
  private static final int TEXT_EPOCH = 1;
  private static final int IMAGE_EPOCH = 3;

  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  static List<GoldenFile> files() {
    return GoldenFile.discover("mrml");
  }

  private static int ranks(GoldenFile golden) {
    return (int)
        golden.names("parameter.rank_text.").stream()
            .filter(name -> name.endsWith(".weight"))
            .count();
  }

  private static Mrml build(GoldenFile golden) {
    Mrml mrml =
        new Mrml(
            new SystemContext(
                List.of(
                    new View(TEXT, Modality.TEXT, Kind.PATTERN, golden.size("input.text_input", 1)),
                    new View(
                        IMAGE, Modality.IMAGE, Kind.PATTERN, golden.size("input.image_input", 1))),
                golden.size("parameter.class.weight", 0),
                Schema.of(Mrml.SETTINGS)
                    .defaults()
                    .with(Mrml.WIDTH, golden.size("parameter.text.weight", 0))
                    .with(Mrml.RANKS, ranks(golden))
                    .with(Mrml.FUSED, golden.size("parameter.pair.weight", 1))
                    .with(Mrml.HIDDEN, golden.size("parameter.class_hidden.weight", 0))
                    .with(Mrml.DROPOUT, 0.0),
                0,
                Device.cpu()));
    golden.fillParameters(mrml.parameters());
    golden.fillBuffers(mrml.buffers());
    return mrml;
  }

  private static Output forward(Mrml mrml, GoldenFile golden, NDManager manager) {
    return mrml.forward(
        new Features(
            Map.of(
                TEXT,
                new Tokens(
                    golden.array(manager, "input.text_input").expandDims(1), Optional.empty()),
                IMAGE,
                new Tokens(
                    golden.array(manager, "input.image_input").expandDims(1), Optional.empty())),
            Map.of()),
        false);
  }

  private static Losses losses(
      Mrml mrml, Output output, GoldenFile golden, NDManager manager, int epoch) {
    return mrml.losses(
        output, new Targets(golden.integers(manager, "input.label"), Optional.empty(), epoch));
  }

  @ParameterizedTest
  @MethodSource("files")
  void valuesLossesAndGradientsOfATextEpochAgree(GoldenFile golden) {
    try (Mrml mrml = build(golden);
        NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      Output output = forward(mrml, golden, manager);
      Losses losses = losses(mrml, output, golden, manager, TEXT_EPOCH);
      collector.backward(losses.total());
      golden.assertClose("output.image_features", output.representations().get(IMAGE));
      golden.assertClose("output.text_features", output.representations().get(TEXT));
      golden.assertClose("output.image_distance", output.stages().get("distance.image"));
      golden.assertClose("output.text_distance", output.stages().get("distance.text"));
      golden.assertClose("output.similarity", output.stages().get("similarity"));
      golden.assertClose("output.logits", output.logits());
      golden.assertClose("output.detection_loss", losses.parts().get("classification"));
      golden.assertClose("output.pairwise_loss", losses.parts().get("pairwise"));
      golden.assertClose("output.text_direct_triplet_loss", losses.parts().get("triplet"));
      golden.assertClose("output.text_phase_loss", losses.total().sub(losses.parts().get("probe")));
      golden.assertGradients(mrml.parameters());
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void lossesAndGradientsOfAnImageEpochAgree(GoldenFile golden) {
    try (Mrml mrml = build(golden);
        NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      Output output = forward(mrml, golden, manager);
      Losses losses = losses(mrml, output, golden, manager, IMAGE_EPOCH);
      collector.backward(losses.total());
      golden.assertClose("output.image_direct_triplet_loss", losses.parts().get("triplet"));
      golden.assertClose(
          "output.image_phase_loss", losses.total().sub(losses.parts().get("probe")));
      golden.assertGradients("gradient.image_phase.", mrml.parameters());
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void theFusionOfEveryPairAgrees(GoldenFile golden) {
    try (Parameters parameters = new Parameters(0, Device.cpu());
        NDManager manager = NDManager.newBaseManager()) {
      int posts = golden.size("output.fused", 0);
      int fused = golden.size("output.fused", 2);
      int width = golden.size("parameter.text.weight", 0);
      MultiRankFusion fusion =
          new MultiRankFusion(
              parameters, List.of(Modality.IMAGE, Modality.TEXT), ranks(golden), width, fused);
      golden.fillParameters(parameters.byName());
      // image i beside every text
      NDArray images =
          golden
              .array(manager, "output.image_features")
              .expandDims(1)
              .broadcast(new Shape(posts, posts, width))
              .reshape(-1, width);
      NDArray texts =
          golden
              .array(manager, "output.text_features")
              .expandDims(0)
              .broadcast(new Shape(posts, posts, width))
              .reshape(-1, width);
      golden.assertClose(
          "output.fused",
          MultiRankFusion.own(
                  List.of(
                      fusion.factors(Modality.IMAGE, images), fusion.factors(Modality.TEXT, texts)))
              .reshape(posts, posts, fused));
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void theNearestPostsAgree(GoldenFile golden) {
    try (NDManager manager = NDManager.newBaseManager()) {
      MetricLosses metrics =
          new MetricLosses(golden.integers(manager, "input.label"), Optional.empty());
      for (String direct : List.of("text", "image")) {
        NDArray features = golden.array(manager, "output." + direct + "_features");
        assertThat(MetricLosses.nearest(features, metrics.same()).toLongArray())
            .isEqualTo(golden.longs("output." + direct + "_direct_positive"));
        assertThat(MetricLosses.nearest(features, metrics.different()).toLongArray())
            .isEqualTo(golden.longs("output." + direct + "_direct_negative"));
      }
    }
  }
}
