package org.equipoise.systems.hmcan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Schema;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem.Input;
import org.equipoise.systems.DetectionSystem.Output;
import org.equipoise.systems.DetectionSystem.ViewInput;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.Toys;
import org.equipoise.systems.Toys.Toy;
import org.equipoise.systems.ViewChoice;
import org.equipoise.systems.engine.Engines;
import org.equipoise.systems.layers.Parameters;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class HmcanTest {
  private static final View FIRST = new View("text_low", Modality.TEXT, Kind.PATTERN, 8);
  private static final View SECOND = new View("text_high", Modality.TEXT, Kind.PATTERN, 8);
  private static final View MEANING = new View("text_semantic", Modality.TEXT, Kind.SEMANTIC, 8);
  private static final View IMAGE = Toys.VIEWS.get(1);

  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  private static Settings settings() {
    return Schema.of(Hmcan.SETTINGS)
        .defaults()
        .with(Hmcan.WIDTH, 8)
        .with(Hmcan.HEADS, 2)
        .with(Hmcan.HIDDEN, 6);
  }

  private static Hmcan hmcan(Settings settings, View... views) {
    return new Hmcan(new SystemContext(List.of(views), 2, settings, 4, Device.cpu()));
  }

  @Test
  void everyPatternViewOfTheTextIsAGroupAndTheVerdictReadsAll() {
    try (Hmcan hmcan = hmcan(settings(), FIRST, MEANING, IMAGE, SECOND);
        NDManager manager = NDManager.newBaseManager()) {
      assertThat(hmcan.views()).containsExactly(FIRST, SECOND, IMAGE);
      Random random = new Random(1);
      List<ViewInput> inputs =
          hmcan.views().stream()
              .map(view -> new ViewInput(view, gaussian(manager, random, view), Optional.empty()))
              .toList();
      Output output = Engines.withoutGradients(() -> hmcan.forward(new Input(inputs), false));
      assertThat(output.stages()).containsOnlyKeys("context.0", "context.1");
      assertThat(output.stages().get("context.0").getShape().getShape()).containsExactly(2, 16);
      assertThat(hmcan.parameters().get("class_hidden.weight").getShape().getShape())
          .containsExactly(6, 32);
      // the groups share one transformer
      assertThat(hmcan.parameters().keySet().stream().filter(name -> name.endsWith(".self.q.bias")))
          .containsExactly("text.self.q.bias", "image.self.q.bias");
    }
  }

  private static NDArray gaussian(NDManager manager, Random random, View view) {
    float[] values = new float[6 * view.width()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return manager.create(values, new Shape(2, 3, view.width()));
  }

  @Test
  void theNamedViewsOfTheTextAreItsGroupsWhateverTheirKind() {
    Settings named =
        settings().with(ViewChoice.VIEWS, List.of("text_low", "text_semantic", IMAGE.name()));
    try (Hmcan hmcan = hmcan(named, FIRST, MEANING, IMAGE, SECOND)) {
      assertThat(hmcan.views()).containsExactly(FIRST, MEANING, IMAGE);
    }
  }

  @Test
  void alphaDividesAContextBetweenTextAndImage() {
    List<Toy> posts = Toys.random(new Random(2), 4, 3);
    float[] text = context(1, posts);
    float[] image = context(0, posts);
    float[] mixed = context(0.7, posts);
    for (int i = 0; i < mixed.length; i++) {
      assertThat(mixed[i]).isCloseTo(0.7f * text[i] + 0.3f * image[i], within(1e-5f));
    }
    assertThat(text).isNotEqualTo(image);
  }

  private static float[] context(double alpha, List<Toy> posts) {
    try (Hmcan hmcan = hmcan(settings().with(Hmcan.ALPHA, alpha), Toys.VIEWS.toArray(new View[0]));
        NDManager manager = NDManager.newBaseManager()) {
      return Engines.withoutGradients(() -> hmcan.forward(Toys.batch(manager, posts, 0), false))
          .stages()
          .get("context.0")
          .toFloatArray();
    }
  }

  @Test
  void theOtherModalityAsksSoThatAPostsImageChangesWhatItsTextAnswers() {
    List<Toy> posts = Toys.random(new Random(3), 4, 2);
    List<Toy> other = Toys.random(new Random(4), 4, 2);
    List<Toy> swapped =
        posts.stream()
            .map(
                post -> {
                  Map<String, float[][]> tokens = new LinkedHashMap<>(post.tokens());
                  tokens.put(
                      IMAGE.name(), other.get(posts.indexOf(post)).tokens().get(IMAGE.name()));
                  return new Toy(tokens);
                })
            .toList();
    float[] before = context(1, posts);
    float[] after = context(1, swapped);
    for (int i = 0; i < before.length; i++) {
      boolean alone = i % 16 < 8;
      if (alone) {
        assertThat(after[i]).isCloseTo(before[i], within(1e-6f));
      } else {
        assertThat(after[i]).isNotEqualTo(before[i]);
      }
    }
  }

  @Test
  void aNormOfEqualNumbersHasAFiniteSlope() {
    try (Parameters parameters = new Parameters(0, Device.cpu());
        NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      NDArray x = manager.ones(new Shape(1, 4));
      x.setRequiresGradient(true);
      collector.backward(new UnbiasedNorm(parameters, "norm", 4).forward(x).sum());
      assertThat(x.getGradient().toFloatArray()).containsExactly(0, 0, 0, 0);
    }
  }

  @Test
  void aNormDividesByTheUnbiasedDeviation() {
    try (Parameters parameters = new Parameters(0, Device.cpu());
        NDManager manager = NDManager.newBaseManager()) {
      NDArray x = manager.create(new float[] {1, 2, 6});
      // mean 3, squares 4 + 1 + 9 over two: deviation √7
      float root = (float) Math.sqrt(7);
      assertThat(new UnbiasedNorm(parameters, "norm", 3).forward(x).toFloatArray())
          .containsExactly(new float[] {-2 / root, -1 / root, 3 / root}, within(2e-6f));
    }
  }

  @Test
  void headsThatDoNotDivideTheWidthAreRefused() {
    assertThatThrownBy(() -> hmcan(settings().with(Hmcan.HEADS, 3), FIRST, IMAGE))
        .isInstanceOf(WrongUseException.class)
        .hasMessage("hmcan.width 8 does not divide by hmcan.heads 3");
  }
}
