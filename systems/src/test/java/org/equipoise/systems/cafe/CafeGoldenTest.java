package org.equipoise.systems.cafe;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.equipoise.systems.cafe.Ambiguity.Gaussian;
import org.equipoise.systems.engine.Engines;
import org.equipoise.systems.golden.GoldenFile;
import org.equipoise.systems.layers.Parameters;
import org.equipoise.systems.losses.CrossEntropy;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("golden")
class CafeGoldenTest {
  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  static List<GoldenFile> alignments() {
    return GoldenFile.discover("cafe_alignment");
  }

  static List<GoldenFile> ambiguities() {
    return GoldenFile.discover("cafe_ambiguity");
  }

  static List<GoldenFile> fusions() {
    return GoldenFile.discover("cafe_fusion");
  }

  /** Inputs that gradients are wanted of, by their names. */
  private static Map<String, NDArray> inputs(
      GoldenFile golden, NDManager manager, String... names) {
    Map<String, NDArray> inputs = new LinkedHashMap<>();
    for (String name : names) {
      NDArray input = golden.array(manager, "input." + name);
      input.setRequiresGradient(true);
      inputs.put(name, input);
    }
    return inputs;
  }

  @ParameterizedTest
  @MethodSource("alignments")
  void alignmentAgrees(GoldenFile golden) {
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      Map<String, NDArray> inputs = inputs(golden, manager, "text_aligned", "image_aligned");
      NDArray loss =
          new Alignment(golden.constant("margin"))
              .loss(
                  inputs.get("text_aligned"),
                  inputs.get("image_aligned"),
                  LongStream.range(0, golden.size("input.text_aligned", 0)).toArray())
              .orElseThrow();
      collector.backward(loss);
      golden.assertClose("output.loss", loss);
      golden.assertGradients(inputs);
    }
  }

  @ParameterizedTest
  @MethodSource("ambiguities")
  void ambiguityAgrees(GoldenFile golden) {
    try (Parameters parameters = new Parameters(0, Device.cpu());
        NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      Map<String, NDArray> inputs = inputs(golden, manager, "text", "image");
      Ambiguity layers =
          new Ambiguity(
              parameters, "", golden.size("input.text", 1), golden.size("output.text_mean", 1));
      golden.fillParameters(parameters.byName());
      Gaussian text = layers.text(inputs.get("text"));
      Gaussian image = layers.image(inputs.get("image"));
      NDArray ambiguity = layers.forward(inputs.get("text"), inputs.get("image"));
      collector.backward(ambiguity.sum());
      golden.assertClose("output.text_mean", text.mean());
      golden.assertClose("output.text_sigma", text.sigma());
      golden.assertClose("output.image_mean", image.mean());
      golden.assertClose("output.image_sigma", image.sigma());
      golden.assertClose("output.kl_text_image", text.divergence(image));
      golden.assertClose("output.kl_image_text", image.divergence(text));
      golden.assertClose("output.ambiguity", ambiguity);
      golden.assertGradients(inputs);
      golden.assertGradients(parameters.byName());
    }
  }

  @ParameterizedTest
  @MethodSource("fusions")
  void fusionAndVerdictAgree(GoldenFile golden) {
    try (Parameters parameters = new Parameters(0, Device.cpu());
        NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      Map<String, NDArray> inputs =
          inputs(golden, manager, "text_aligned", "image_aligned", "ambiguity");
      NDArray text = inputs.get("text_aligned");
      NDArray image = inputs.get("image_aligned");
      Fusion fusion = new Fusion(parameters, "", golden.size("input.text_aligned", 1));
      Cafe.Classifier classifier =
          new Cafe.Classifier(
              parameters,
              "classifier",
              golden.size("output.fused", 1),
              golden.sizes(0, "parameter.classifier.0.weight", "parameter.classifier.1.weight"),
              golden.size("output.logits", 1));
      golden.fillParameters(parameters.byName());
      golden.fillBuffers(parameters.kept());
      assertThat(parameters.kept()).hasSize(6);

      NDArray correlation = fusion.correlation(text, image, false);
      NDArray fused =
          Fusion.weigh(
              List.of(
                  golden.array(manager, "input.text_unimodal"),
                  golden.array(manager, "input.image_unimodal")),
              correlation,
              inputs.get("ambiguity"),
              Optional.empty());
      NDArray logits = classifier.forward(fused, false);
      NDArray loss = CrossEntropy.of(logits, golden.integers(manager, "input.label"));
      collector.backward(loss);
      golden.assertClose("output.pooled", Fusion.pooled(text, image));
      golden.assertClose("output.correlation", correlation);
      golden.assertClose("output.fused", fused);
      golden.assertClose("output.logits", logits);
      golden.assertClose("output.loss", loss);
      golden.assertGradients(inputs);
      golden.assertGradients(parameters.byName());
    }
  }
}
