package org.equipoise.systems.hmcan;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
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
import org.equipoise.systems.layers.Tokens;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("golden")
class HmcanGoldenTest {
  private static final String IMAGE = "image_pattern";

  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  static List<GoldenFile> files() {
    return GoldenFile.discover("hmcan");
  }

  private static Hmcan build(GoldenFile golden) {
    int width = golden.size("input.image_tokens", 2);
    List<View> views = new ArrayList<>();
    for (int group = 0; group < golden.size("input.text_groups", 0); group++) {
      views.add(new View("text_pattern_" + group, Modality.TEXT, Kind.PATTERN, width));
    }
    views.add(new View(IMAGE, Modality.IMAGE, Kind.PATTERN, width));
    Hmcan hmcan =
        new Hmcan(
            new SystemContext(
                views,
                golden.size("parameter.class.weight", 0),
                Schema.of(Hmcan.SETTINGS)
                    .defaults()
                    .with(Hmcan.WIDTH, width)
                    .with(Hmcan.HEADS, (int) golden.constant("heads"))
                    .with(Hmcan.HIDDEN, golden.size("parameter.class.weight", 1))
                    .with(Hmcan.ALPHA, golden.constant("alpha"))
                    .with(Hmcan.DROPOUT, 0.0),
                0,
                Device.cpu()));
    // the file's tokens have the network's width already
    Map<String, NDArray> published = new LinkedHashMap<>(hmcan.parameters());
    published.keySet().removeIf(name -> name.startsWith(Hmcan.PROJECTION));
    golden.fillParameters(published);
    golden.fillBuffers(hmcan.buffers());
    return hmcan;
  }

  private static Features features(GoldenFile golden, NDManager manager) {
    Map<String, Tokens> tokens = new LinkedHashMap<>();
    NDArray groups = golden.array(manager, "input.text_groups");
    for (int group = 0; group < groups.getShape().get(0); group++) {
      tokens.put("text_pattern_" + group, new Tokens(groups.get(group), Optional.empty()));
    }
    tokens.put(IMAGE, new Tokens(golden.array(manager, "input.image_tokens"), Optional.empty()));
    return new Features(tokens, Map.of());
  }

  @ParameterizedTest
  @MethodSource("files")
  void valuesLossAndGradientsAgree(GoldenFile golden) {
    try (Hmcan hmcan = build(golden);
        NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      Output output = hmcan.read(features(golden, manager), false);
      Losses losses = hmcan.losses(output, golden.integers(manager, "input.label"));
      collector.backward(losses.total());
      NDList contexts = new NDList();
      for (int group = 0; group < golden.size("output.contexts", 0); group++) {
        contexts.add(output.stages().get("context." + group));
      }
      golden.assertClose("output.contexts", NDArrays.stack(contexts));
      golden.assertClose("output.logits", output.logits());
      golden.assertClose("output.loss", losses.parts().get("classification"));
      golden.assertGradients(hmcan.parameters());
      assertThat(hmcan.parameters()).containsKeys(golden.names("gradient.").toArray(new String[0]));
    }
  }
}
