package org.equipoise.systems;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Schema;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.engine.Engines;
import org.equipoise.systems.losses.CrossEntropy;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every registered system, over random sizes, masks and classes. */
@Tag("slow")
class EverySystemTest {
  private static final int CONFIGURATIONS = 3;
  private static final int POSTS = 12;
  private static final int MOST_STEPS = 400;

  /** Settings that make a network small enough for a test. */
  private static final Map<String, String> SMALL =
      Map.ofEntries(
          Map.entry("bmlhf.width", "12"),
          Map.entry("bmlhf.heads", "2"),
          Map.entry("bmlhf.feed_forward", "16"),
          Map.entry("bmlhf.layers", "1"),
          Map.entry("bmlhf.attention", "6"),
          Map.entry("eann.filters", "4"),
          Map.entry("eann.width", "8"),
          Map.entry("spotfake_plus.text_widths", "16,12"),
          Map.entry("spotfake_plus.image_widths", "16,12"),
          Map.entry("spotfake_plus.head_widths", "16,8"),
          Map.entry("safe.reduced", "6"),
          Map.entry("safe.filters", "6"),
          Map.entry("safe.width", "8"),
          Map.entry("cafe.filters", "4"),
          Map.entry("cafe.text_widths", "12,12"),
          Map.entry("cafe.image_widths", "12,12"),
          Map.entry("cafe.aligned_widths", "12,8"),
          Map.entry("cafe.alone_widths", "12,8"),
          Map.entry("cafe.classifier_widths", "12,12"),
          Map.entry("mrml.width", "16"),
          Map.entry("mrml.fused", "12"),
          Map.entry("logicdm.width", "20"),
          Map.entry("logicdm.hidden", "24"),
          Map.entry("logicdm.dropout", "0"),
          Map.entry("mrml.hidden", "8"),
          Map.entry("hmcan.width", "12"),
          Map.entry("hmcan.heads", "2"),
          Map.entry("hmcan.hidden", "8"),
          Map.entry("mttv.width", "12"),
          Map.entry("mttv.heads", "2"),
          Map.entry("mttv.feed_forward", "16"),
          Map.entry("mttv.layers", "1"),
          Map.entry("mttv.globals", "2"),
          Map.entry("mttv.regions", "3"),
          Map.entry("mttv.positions", "16"),
          Map.entry("bmr.width", "12"),
          Map.entry("bmr.heads", "2"),
          Map.entry("bmr.experts", "2"),
          Map.entry("bmr.trim", "8"),
          Map.entry("bmr.reweighing", "8"));

  /**
   * Parameters whose gradient is not the classification's own by design, such as those before a
   * point where the method cuts gradients; by the beginning of {@code system/parameter}.
   */
  private static final Set<String> NOT_BY_DIFFERENCES =
      // before the weights of views, which read predictions without moving them
      // and a network whose verdict jumps wherever another object or atom is among the largest; its
      // golden vectors hold its gradients
      Set.of("BMR/text", "BMR/image", "BMR/pattern", "BMR/fused", "BMR/mismatch_head", "LogicDM/");

  /**
   * Learning rates, where not 0.01: a product of truths that a large step has brought to nothing
   * gets no gradient any more.
   */
  private static final Map<String, Double> RATES = Map.of("LogicDM", 0.003);

  @BeforeAll
  static void startEngine() {
    Engines.start(1);
  }

  /** A system in one random world. */
  private record Case(SystemFactory factory, World world) {
    DetectionSystem build() {
      return build(world);
    }

    DetectionSystem build(World of) {
      SystemContext context =
          new SystemContext(
              of.views(),
              IntStream.range(0, of.classes()).mapToObj(c -> "class " + c).toList(),
              World.EVENTS,
              settings(),
              7,
              Device.cpu());
      return factory.create(context);
    }

    @Override
    public String toString() {
      return factory.name() + " " + world;
    }
  }

  private static Settings settings() {
    Map<String, Setting<?>> all = new LinkedHashMap<>();
    Systems.all().forEach(f -> f.settings().forEach(setting -> all.put(setting.key(), setting)));
    Schema schema = Schema.of(all.values());
    Settings settings = schema.defaults();
    for (Map.Entry<String, String> value : SMALL.entrySet()) {
      settings = schema.override(settings, value.getKey() + "=" + value.getValue());
    }
    return settings;
  }

  static Stream<Case> cases() {
    return Systems.all().stream()
        .flatMap(
            factory ->
                IntStream.range(0, CONFIGURATIONS)
                    .mapToObj(seed -> suited(factory, World.random(seed, POSTS))));
  }

  /** Two classes where the method's formula knows no more. */
  private static Case suited(SystemFactory factory, World world) {
    Case wanted = new Case(factory, world);
    try {
      wanted.build().close();
      return wanted;
    } catch (WrongUseException twoClassesOnly) {
      return new Case(factory, world.withClasses(2));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  @SuppressWarnings("try") // the collector is there for what it switches on
  void learns_a_learnable_batch_until_the_loss_is_nearly_zero(Case given) {
    Engines.seed(3);
    World world = given.world().complete();
    try (DetectionSystem system = given.build(world);
        NDManager manager = NDManager.newBaseManager()) {
      Descent descent = new Descent(system, RATES.getOrDefault(system.name(), 0.01));
      double loss = Double.POSITIVE_INFINITY;
      for (int step = 0; step < MOST_STEPS && loss > 0.05; step++) {
        try (NDManager scope = manager.newSubManager();
            GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
          DetectionSystem.Output output = system.forward(world.input(scope), true);
          Engines.backward(
              system.losses(output, world.targets(scope, step / 4 + 1)).total(), false);
          descent.step();
        }
        if (step % 20 == 19) {
          loss = classification(system, world, manager);
        }
      }
      assertThat(loss).isLessThan(0.1);
    }
  }

  /** The cross-entropy of the verdicts; in double precision, for the differences below. */
  private static double classification(DetectionSystem system, World world, NDManager manager) {
    try (NDManager scope = manager.newSubManager()) {
      float[] logits =
          Engines.withoutGradients(
              () -> system.forward(world.input(scope), false).logits().toFloatArray());
      int classes = world.classes();
      return sum(
              world.posts(),
              i ->
                  Math.log(sum(classes, c -> Math.exp(logits[i * classes + c])))
                      - logits[i * classes + world.labels()[i]])
          / world.posts();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void a_permuted_batch_gives_permuted_outputs(Case given) {
    World world = given.world();
    int[] order = world.permutation();
    try (DetectionSystem system = given.build()) {
      Map<String, float[][]> straight = outputs(system, world);
      Map<String, float[][]> permuted = outputs(system, world.select(order));
      straight.forEach(
          (name, rows) -> {
            for (int i = 0; i < order.length; i++) {
              assertRow(name, permuted.get(name)[i], rows[order[i]]);
            }
          });
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void a_post_is_judged_by_itself_whatever_else_is_in_the_batch(Case given) {
    World world = given.world();
    try (DetectionSystem system = given.build()) {
      Map<String, float[][]> together = outputs(system, world);
      for (int post = 0; post < 4; post++) {
        float[] alone = outputs(system, world.select(new int[] {post})).get("logits")[0];
        assertRow("logits", alone, together.get("logits")[post]);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void posts_that_lack_views_are_scored_and_learnt_from(Case given) {
    assertUsable(given, given.world());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void one_row_a_post_is_enough(Case given) {
    assertUsable(given, given.world().pooled());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void one_modality_is_enough_or_is_refused_with_the_reason(Case given) {
    for (String modality : List.of("text", "image")) {
      try {
        assertUsable(given, given.world().only(modality));
      } catch (WrongUseException refused) {
        assertThat(refused).hasMessageContaining(given.factory().name());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void a_view_that_is_taken_out_counts_like_one_that_moves_nothing(Case given) {
    World world = given.world().complete();
    try (DetectionSystem system = given.build(world);
        NDManager manager = NDManager.newBaseManager()) {
      Map<String, NDArray> keep = new LinkedHashMap<>();
      String view = system.views().get(0).name();
      float[] factors = new float[world.posts()];
      Arrays.fill(factors, 1, factors.length, 1);
      keep.put(view, manager.create(factors));
      DetectionSystem.Output output =
          Engines.withoutGradients(() -> system.forward(world.input(manager).keeping(keep), false));
      float[] representation = output.representations().get(view).toFloatArray();
      int width = representation.length / world.posts();
      for (int i = 0; i < width; i++) {
        assertThat(Math.abs(representation[i])).isZero();
      }
      assertThat(Arrays.copyOfRange(representation, width, representation.length))
          .isNotEqualTo(new float[representation.length - width]);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void what_it_tells_of_its_views_is_complete(Case given) {
    World world = given.world();
    try (DetectionSystem system = given.build();
        NDManager manager = NDManager.newBaseManager()) {
      DetectionSystem.Output output =
          Engines.withoutGradients(() -> system.forward(world.input(manager), false));
      List<String> views = system.views().stream().map(view -> view.name()).toList();
      assertThat(output.representations()).containsOnlyKeys(views);
      assertThat(output.viewLogits()).containsOnlyKeys(views);
      assertThat(system.branches()).containsOnlyKeys(views);
      Set<String> parameters = system.parameters().keySet();
      system.branches().values().forEach(names -> assertThat(parameters).containsAll(names));
      assertThat(parameters).containsAll(system.linearHead());
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  @SuppressWarnings("try") // the collector is there for what it switches on
  void gradients_agree_with_finite_differences(Case given) {
    World world = given.world();
    try (DetectionSystem system = given.build();
        NDManager manager = NDManager.newBaseManager()) {
      try (NDManager scope = manager.newSubManager();
          GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
        DetectionSystem.Output output = system.forward(world.input(scope), false);
        Engines.backward(CrossEntropy.of(output.logits(), world.targets(scope, 1).labels()), false);
      }
      system
          .parameters()
          .forEach(
              (name, parameter) -> {
                if (NOT_BY_DIFFERENCES.stream()
                    .noneMatch((given.factory().name() + "/" + name)::startsWith)) {
                  assertSlope(name, parameter, () -> classification(system, world, manager));
                }
              });
    }
  }

  private interface Loss {
    double now();
  }

  /**
   * Along the gradient the loss must rise by the gradient's length. Kinks (of a ReLU or a maximum)
   * within the distance spoil a difference, and rounding a short one, so the best of six counts.
   */
  private static void assertSlope(String name, NDArray parameter, Loss loss) {
    float[] start = parameter.toFloatArray();
    float[] gradient;
    try (NDArray array = parameter.getGradient()) {
      gradient = array.toFloatArray();
    }
    double length = Math.sqrt(sum(gradient.length, i -> (double) gradient[i] * gradient[i]));
    if (length < 1e-2) {
      return;
    }
    double best = Double.POSITIVE_INFINITY;
    for (double rise : new double[] {4e-6, 2e-5, 1e-4, 4e-4, 1.6e-3, 6.4e-3}) {
      double distance = rise / length;
      FloatBuffer memory = memory(parameter);
      double up = at(memory, start, gradient, distance / length, loss);
      double down = at(memory, start, gradient, -distance / length, loss);
      best = Math.min(best, Math.abs((up - down) / (2 * rise) - 1));
    }
    memory(parameter).put(start);
    assertThat(best).as("relative error of the slope along %s", name).isLessThan(0.02);
  }

  private static double at(
      FloatBuffer memory, float[] start, float[] gradient, double distance, Loss loss) {
    for (int i = 0; i < start.length; i++) {
      memory.put(i, (float) (start[i] + distance * gradient[i]));
    }
    return loss.now();
  }

  private interface Term {
    double at(int i);
  }

  private static double sum(int count, Term term) {
    return IntStream.range(0, count).mapToDouble(term::at).sum();
  }

  @SuppressWarnings("try") // the collector is there for what it switches on
  private static void assertUsable(Case given, World world) {
    try (DetectionSystem system = given.build(world);
        NDManager manager = NDManager.newBaseManager();
        GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
      DetectionSystem.Output output = system.forward(world.input(manager), true);
      DetectionSystem.Losses losses = system.losses(output, world.targets(manager, 1));
      Engines.backward(losses.total(), false);
      assertThat(losses.total().getFloat()).isFinite();
      assertThat(losses.parts()).isNotEmpty();
      system
          .parameters()
          .forEach(
              (name, parameter) -> {
                try (NDArray gradient = parameter.getGradient()) {
                  for (float value : gradient.toFloatArray()) {
                    assertThat(value).as("gradient of %s", name).isFinite();
                  }
                }
              });
      DetectionSystem.Output judged =
          Engines.withoutGradients(() -> system.forward(world.input(manager), false));
      for (float logit : judged.logits().toFloatArray()) {
        assertThat(logit).isFinite();
      }
    }
  }

  /** Rows of the logits and of the views' logits and representations. */
  private static Map<String, float[][]> outputs(DetectionSystem system, World world) {
    try (NDManager manager = NDManager.newBaseManager()) {
      DetectionSystem.Output output =
          Engines.withoutGradients(() -> system.forward(world.input(manager), false));
      Map<String, float[][]> rows = new LinkedHashMap<>();
      rows.put("logits", rows(output.logits()));
      output.viewLogits().forEach((view, array) -> rows.put("logits of " + view, rows(array)));
      output
          .representations()
          .forEach((view, array) -> rows.put("representation of " + view, rows(array)));
      return rows;
    }
  }

  private static float[][] rows(NDArray array) {
    int count = (int) array.getShape().get(0);
    float[] all = array.toFloatArray();
    int width = all.length / count;
    return IntStream.range(0, count)
        .mapToObj(i -> Arrays.copyOfRange(all, i * width, (i + 1) * width))
        .toArray(float[][]::new);
  }

  private static void assertRow(String name, float[] actual, float[] expected) {
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i])
          .as("%s, number %d", name, i)
          .isCloseTo(expected[i], within(2e-5f * Math.max(1, Math.abs(expected[i]))));
    }
  }

  private static FloatBuffer memory(NDArray array) {
    return array.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  /** Adam without decay, for small networks. */
  private static final class Descent {
    private final DetectionSystem system;
    private final double rate;
    private final Map<String, double[]> first = new LinkedHashMap<>();
    private final Map<String, double[]> second = new LinkedHashMap<>();
    private int steps;

    Descent(DetectionSystem system, double rate) {
      this.system = system;
      this.rate = rate;
    }

    void step() {
      steps++;
      system.parameters().forEach(this::step);
    }

    private void step(String name, NDArray parameter) {
      try (NDArray array = parameter.getGradient()) {
        FloatBuffer gradient = memory(array);
        FloatBuffer values = memory(parameter);
        double[] m = first.computeIfAbsent(name, n -> new double[values.capacity()]);
        double[] v = second.computeIfAbsent(name, n -> new double[values.capacity()]);
        double factor = rate * system.rates().getOrDefault(name, 1.0);
        for (int i = 0; i < m.length; i++) {
          double g = gradient.get(i);
          m[i] = 0.9 * m[i] + 0.1 * g;
          v[i] = 0.99 * v[i] + 0.01 * g * g;
          double step =
              m[i]
                  / (1 - Math.pow(0.9, steps))
                  / (Math.sqrt(v[i] / (1 - Math.pow(0.99, steps))) + 1e-8);
          values.put(i, (float) (values.get(i) - factor * step));
          gradient.put(i, 0);
        }
      }
    }
  }
}
