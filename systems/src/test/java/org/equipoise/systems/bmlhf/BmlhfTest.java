package org.equipoise.systems.bmlhf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.DetectionSystem.Input;
import org.equipoise.systems.DetectionSystem.Losses;
import org.equipoise.systems.DetectionSystem.Output;
import org.equipoise.systems.DetectionSystem.ViewInput;
import org.equipoise.systems.engine.Engines;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class BmlhfTest {
  private static final List<View> FOUR =
      List.of(
          new View("image_pattern", Modality.IMAGE, Kind.PATTERN, 9),
          new View("image_semantic", Modality.IMAGE, Kind.SEMANTIC, 7),
          new View("text_pattern", Modality.TEXT, Kind.PATTERN, 8),
          new View("text_semantic", Modality.TEXT, Kind.SEMANTIC, 6));

  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  private static BmlhfSettings settings(double dropout) {
    return new BmlhfSettings(12, 3, 20, 2, 5, dropout, 0.5, 0.5);
  }

  private static Bmlhf network(BmlhfVariant variant, long seed) {
    return new Bmlhf(variant, FOUR, 3, settings(0), seed, Device.cpu());
  }

  /** One post's features as plain numbers; a view without tokens is absent. */
  private record Toy(Map<String, float[][]> tokens) {
    static Toy random(Random random, int mostTokens, boolean mayLack) {
      Map<String, float[][]> tokens = new LinkedHashMap<>();
      int absent = mayLack ? random.nextInt(FOUR.size() + 2) : FOUR.size();
      for (int v = 0; v < FOUR.size(); v++) {
        int count = v == absent ? 0 : 1 + random.nextInt(mostTokens);
        float[][] values = new float[count][FOUR.get(v).width()];
        for (float[] token : values) {
          for (int i = 0; i < token.length; i++) {
            token[i] = (float) random.nextGaussian();
          }
        }
        tokens.put(FOUR.get(v).name(), values);
      }
      return new Toy(tokens);
    }

    Toy without(Modality modality) {
      Map<String, float[][]> kept = new LinkedHashMap<>(tokens);
      FOUR.stream()
          .filter(view -> view.modality() == modality)
          .forEach(view -> kept.put(view.name(), new float[0][view.width()]));
      return new Toy(kept);
    }

    Toy reversed() {
      Map<String, float[][]> turned = new LinkedHashMap<>();
      tokens.forEach(
          (name, values) -> {
            List<float[]> list = new ArrayList<>(Arrays.asList(values));
            java.util.Collections.reverse(list);
            turned.put(name, list.toArray(float[][]::new));
          });
      return new Toy(turned);
    }
  }

  /** A batch padded to its longest post, or further. */
  private static Input batch(NDManager manager, List<Toy> posts, int padding) {
    List<ViewInput> views = new ArrayList<>();
    for (View view : FOUR) {
      int longest =
          posts.stream().mapToInt(p -> p.tokens().get(view.name()).length).max().orElseThrow();
      int tokens = Math.max(1, longest) + padding;
      float[] values = new float[posts.size() * tokens * view.width()];
      float[] mask = new float[posts.size() * tokens];
      boolean complete = true;
      for (int post = 0; post < posts.size(); post++) {
        float[][] own = posts.get(post).tokens().get(view.name());
        for (int t = 0; t < own.length; t++) {
          mask[post * tokens + t] = 1;
          System.arraycopy(own[t], 0, values, (post * tokens + t) * view.width(), view.width());
        }
        complete &= own.length == tokens;
      }
      views.add(
          new ViewInput(
              view,
              manager.create(
                  FloatBuffer.wrap(values),
                  new Shape(posts.size(), tokens, view.width()),
                  ai.djl.ndarray.types.DataType.FLOAT32),
              complete
                  ? Optional.empty()
                  : Optional.of(manager.create(mask, new Shape(posts.size(), tokens)))));
    }
    return new Input(views);
  }

  private static float[] logits(DetectionSystem system, List<Toy> posts, int padding) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Output output =
          Engines.withoutGradients(() -> system.forward(batch(manager, posts, padding), false));
      List<float[]> all = new ArrayList<>();
      all.add(output.logits().toFloatArray());
      output.viewLogits().values().forEach(view -> all.add(view.toFloatArray()));
      int classes = system.classes();
      float[] byPost = new float[all.size() * posts.size() * classes];
      for (int post = 0; post < posts.size(); post++) {
        for (int i = 0; i < all.size(); i++) {
          System.arraycopy(
              all.get(i), post * classes, byPost, (post * all.size() + i) * classes, classes);
        }
      }
      return byPost;
    }
  }

  static Stream<Arguments> variantsAndTokens() {
    return Arrays.stream(BmlhfVariant.values())
        .flatMap(
            variant ->
                Stream.of(
                    Arguments.of(variant, 1, false),
                    Arguments.of(variant, 1, true),
                    Arguments.of(variant, 4, false),
                    Arguments.of(variant, 4, true)));
  }

  @ParameterizedTest
  @MethodSource("variantsAndTokens")
  void aPostsLogitsDoNotDependOnItsBatch(BmlhfVariant variant, int mostTokens, boolean lacking) {
    Random random = new Random(mostTokens);
    List<Toy> posts =
        Stream.generate(() -> Toy.random(random, mostTokens, lacking)).limit(7).toList();
    try (Bmlhf network = network(variant, 2)) {
      float[] together = logits(network, posts, 0);
      int size = together.length / posts.size();
      for (int post = 0; post < posts.size(); post++) {
        float[] alone = logits(network, List.of(posts.get(post)), 0);
        assertThat(Arrays.copyOfRange(together, post * size, (post + 1) * size))
            .containsExactly(alone, within(1e-5f));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(BmlhfVariant.class)
  void maskedTokensAreAsIfTheyWereNotThere(BmlhfVariant variant) {
    Random random = new Random(11);
    List<Toy> posts = Stream.generate(() -> Toy.random(random, 3, true)).limit(5).toList();
    try (Bmlhf network = network(variant, 3)) {
      assertThat(logits(network, posts, 4))
          .containsExactly(logits(network, posts, 0), within(1e-5f));
    }
  }

  @ParameterizedTest
  @EnumSource(BmlhfVariant.class)
  void theOrderOfTokensDoesNotMatter(BmlhfVariant variant) {
    Random random = new Random(12);
    List<Toy> posts = Stream.generate(() -> Toy.random(random, 4, true)).limit(5).toList();
    try (Bmlhf network = network(variant, 4)) {
      assertThat(logits(network, posts.stream().map(Toy::reversed).toList(), 0))
          .containsExactly(logits(network, posts, 0), within(1e-5f));
    }
  }

  @ParameterizedTest
  @EnumSource(BmlhfVariant.class)
  void postsWithoutAModalityOrWithoutAnythingGiveFiniteNumbers(BmlhfVariant variant) {
    Random random = new Random(13);
    Toy whole = Toy.random(random, 3, false);
    List<Toy> posts =
        List.of(
            whole,
            whole.without(Modality.IMAGE),
            whole.without(Modality.TEXT),
            whole.without(Modality.IMAGE).without(Modality.TEXT));
    try (Bmlhf network = network(variant, 5);
        NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      Output output = network.forward(batch(manager, posts, 0), true);
      Losses losses = network.losses(output, manager.create(new long[] {0, 1, 0, 1}));
      collector.backward(losses.total());
      assertThat(losses.total().getFloat()).isFinite();
      for (float logit : output.logits().toFloatArray()) {
        assertThat(logit).isFinite();
      }
      for (NDArray parameter : network.parameters().values()) {
        try (NDArray gradient = parameter.getGradient()) {
          for (float value : gradient.toFloatArray()) {
            assertThat(value).as(parameter.getName()).isFinite();
          }
        }
      }
      float[] absent = output.viewLogits().get("image_pattern").toFloatArray();
      assertThat(Arrays.copyOfRange(absent, 3, 6)).containsExactly(new float[3], within(0f));
      assertThat(output.viewPresence().get("image_pattern").toFloatArray())
          .containsExactly(1, 0, 1, 0);
    }
  }

  @Test
  void aViewsWeightsWithinAModalityAddUpToOneOrToZeroWithoutIt() {
    Toy whole = Toy.random(new Random(14), 3, false);
    try (Bmlhf network = network(BmlhfVariant.WHOLE, 5);
        NDManager manager = NDManager.newBaseManager()) {
      Output output =
          network.forward(batch(manager, List.of(whole, whole.without(Modality.IMAGE)), 0), false);
      assertThat(output.viewWeights().keySet())
          .containsExactlyElementsOf(FOUR.stream().map(View::name).toList());
      float[] sums =
          output
              .viewWeights()
              .get("image_pattern")
              .add(output.viewWeights().get("image_semantic"))
              .toFloatArray();
      assertThat(sums).containsExactly(new float[] {1, 0}, within(1e-6f));
    }
  }

  /** The loss that moves everything but the probe, and the probe's own. */
  private static double loss(Bmlhf network, List<Toy> posts, long[] labels, boolean ofProbe) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Losses losses =
          Engines.withoutGradients(
              () ->
                  network.losses(
                      network.forward(batch(manager, posts, 0), false), manager.create(labels)));
      Map<String, NDArray> parts = losses.parts();
      return ofProbe
          ? parts.get("probe").getFloat()
          : parts.get("classification").getFloat() + 0.5 * parts.get("contrastive").getFloat();
    }
  }

  @ParameterizedTest
  @MethodSource("variantsAndTokens")
  void gradientsAgreeWithFiniteDifferences(BmlhfVariant variant, int mostTokens, boolean lacking) {
    Random random = new Random(21);
    List<Toy> posts =
        Stream.generate(() -> Toy.random(random, mostTokens, lacking)).limit(6).toList();
    long[] labels = {0, 1, 2, 0, 1, 2};
    try (Bmlhf network = network(variant, 6)) {
      Map<String, float[]> gradients = new LinkedHashMap<>();
      try (NDManager manager = NDManager.newBaseManager();
          GradientCollector collector = manager.getEngine().newGradientCollector()) {
        Output output = network.forward(batch(manager, posts, 0), true);
        collector.backward(network.losses(output, manager.create(labels)).total());
        network
            .parameters()
            .forEach(
                (name, parameter) -> {
                  try (NDArray gradient = parameter.getGradient()) {
                    gradients.put(name, gradient.toFloatArray());
                  }
                });
      }
      gradients.forEach(
          (name, gradient) -> {
            double square = 0;
            for (float g : gradient) {
              square += (double) g * g;
            }
            double length = Math.sqrt(square);
            if (length < 1e-2) {
              return; // below what differences of float32 losses can tell
            }
            // along the gradient the loss changes by the gradient's length
            FloatBuffer values = network.parameters().get(name).toByteBuffer(true).asFloatBuffer();
            boolean ofProbe = name.startsWith("probe");
            double step = 5e-4; // small enough to cross few kinks of a ReLU
            move(values, gradient, step / length);
            double after = loss(network, posts, labels, ofProbe);
            move(values, gradient, -2 * step / length);
            double before = loss(network, posts, labels, ofProbe);
            move(values, gradient, step / length);
            assertThat((after - before) / (2 * step))
                .as(name)
                .isCloseTo(length, within(0.02 * length + 1e-3));
          });
    }
  }

  private static void move(FloatBuffer values, float[] direction, double by) {
    for (int i = 0; i < direction.length; i++) {
      values.put(i, (float) (values.get(i) + by * direction[i]));
    }
  }

  @Test
  void dropoutRepeatsWithTheEnginesSeedAndActsWhileTrainingAlone() {
    List<Toy> posts = List.of(Toy.random(new Random(1), 2, false));
    try (Bmlhf network = new Bmlhf(BmlhfVariant.WHOLE, FOUR, 2, settings(0.3), 1, Device.cpu());
        NDManager manager = NDManager.newBaseManager()) {
      Input input = batch(manager, posts, 0);
      Engines.seed(9);
      float[] first = network.forward(input, true).logits().toFloatArray();
      float[] second = network.forward(input, true).logits().toFloatArray();
      Engines.seed(9);
      float[] again = network.forward(input, true).logits().toFloatArray();
      assertThat(again).isEqualTo(first).isNotEqualTo(second);
      assertThat(network.forward(input, false).logits().toFloatArray())
          .isEqualTo(network.forward(input, false).logits().toFloatArray());
    }
  }

  @Test
  void theSameStepGivesTheSameBits() {
    Random random = new Random(16);
    List<Toy> posts = Stream.generate(() -> Toy.random(random, 3, true)).limit(8).toList();
    List<float[]> runs = new ArrayList<>();
    for (int run = 0; run < 4; run++) {
      try (Bmlhf network = new Bmlhf(BmlhfVariant.WHOLE, FOUR, 2, settings(0.1), 8, Device.cpu());
          NDManager manager = NDManager.newBaseManager();
          GradientCollector collector = manager.getEngine().newGradientCollector()) {
        // shifts what is allocated next, so that buffers do not lie where they lay before
        manager.create(new float[1 + 3 * run]);
        Engines.seed(3);
        Output output = network.forward(batch(manager, posts, 0), true);
        collector.backward(
            network.losses(output, manager.create(new long[] {0, 1, 0, 1, 0, 1, 0, 1})).total());
        runs.add(network.parameters().get("correlation.text").getGradient().toFloatArray());
      }
    }
    assertThat(runs).allMatch(gradient -> Arrays.equals(gradient, runs.get(0)));
  }

  @Test
  void theSameSeedGivesTheSameNetwork() {
    try (Bmlhf one = network(BmlhfVariant.WHOLE, 1);
        Bmlhf same = network(BmlhfVariant.WHOLE, 1);
        Bmlhf other = network(BmlhfVariant.WHOLE, 2)) {
      String name = "classifier.weight";
      float[] values = one.parameters().get(name).toFloatArray();
      assertThat(same.parameters().get(name).toFloatArray()).isEqualTo(values);
      assertThat(other.parameters().get(name).toFloatArray()).isNotEqualTo(values);
      assertThat(one.parameters().keySet()).containsExactlyElementsOf(same.parameters().keySet());
    }
  }

  @Test
  void aBranchIsTheViewsOwnMlp() {
    try (Bmlhf network = network(BmlhfVariant.WHOLE, 1)) {
      assertThat(network.branches().keySet())
          .containsExactlyElementsOf(FOUR.stream().map(View::name).toList());
      assertThat(network.branches().get("text_pattern"))
          .containsExactly(
              "mlp.text_pattern.hidden.weight",
              "mlp.text_pattern.hidden.bias",
              "mlp.text_pattern.out.weight",
              "mlp.text_pattern.out.bias");
    }
  }

  @ParameterizedTest
  @EnumSource(BmlhfVariant.class)
  void stepsLeaveNoArrayBehind(BmlhfVariant variant) {
    Random random = new Random(15);
    List<Toy> posts = Stream.generate(() -> Toy.random(random, 3, true)).limit(4).toList();
    try (Bmlhf network = network(variant, 7);
        NDManager root = NDManager.newBaseManager()) {
      NDArray parameter = network.parameters().values().iterator().next();
      step(network, root, posts);
      int before = parameter.getManager().getManagedArrays().size();
      for (int i = 0; i < 5; i++) {
        step(network, root, posts);
      }
      assertThat(parameter.getManager().getManagedArrays()).hasSize(before);
      assertThat(root.getManagedArrays()).isEmpty();
    }
  }

  private static void step(Bmlhf network, NDManager root, List<Toy> posts) {
    try (NDManager manager = root.newSubManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      Output output = network.forward(batch(manager, posts, 0), true);
      Losses losses = network.losses(output, manager.create(new long[] {0, 1, 2, 0}));
      collector.backward(losses.total());
    }
    try (NDManager manager = root.newSubManager()) {
      Engines.withoutGradients(() -> network.forward(batch(manager, posts, 0), false));
    }
  }

  @Test
  void whatDoesNotFitIsRefusedInWords() {
    assertThatThrownBy(() -> new BmlhfSettings(10, 4, 8, 1, 4, 0, 0.5, 0.5))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("bmlhf.width 10")
        .hasMessageContaining("bmlhf.heads 4");
    assertThatThrownBy(
            () -> new Bmlhf(BmlhfVariant.WHOLE, List.of(), 2, settings(0), 1, Device.cpu()))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("at least one view");
    assertThatThrownBy(() -> new Bmlhf(BmlhfVariant.WHOLE, FOUR, 1, settings(0), 1, Device.cpu()))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("at least 2 classes");
  }

  @Test
  void aBatchOfOtherViewsIsRefused() {
    try (Bmlhf network = network(BmlhfVariant.WHOLE, 1);
        NDManager manager = NDManager.newBaseManager()) {
      Input input = batch(manager, List.of(Toy.random(new Random(1), 1, false)), 0);
      Input turned = new Input(List.of(input.views().get(1), input.views().get(0)));
      assertThatThrownBy(() -> network.forward(turned, false))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("was built for");
    }
  }
}
