package org.equipoise.systems.logicdm;

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
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.equipoise.core.Clause;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.DetectionSystem.Output;
import org.equipoise.systems.Toys;
import org.equipoise.systems.Toys.Toy;
import org.equipoise.systems.engine.Engines;
import org.equipoise.systems.layers.Parameters;
import org.equipoise.systems.layers.Tokens;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogicDmTest {
  private static final LogicDm.Factory FACTORY = new LogicDm.Factory();

  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  private static DetectionSystem create(List<View> views, UnaryOperator<Settings> change) {
    return FACTORY.create(
        Toys.context(
            FACTORY,
            views,
            0,
            settings -> change.apply(settings.with(LogicDm.WIDTH, 20).with(LogicDm.HIDDEN, 16))));
  }

  private static double product(Clause clause) {
    return clause.atoms().stream().mapToDouble(Clause.Atom::factor).reduce(1, (a, b) -> a * b);
  }

  @ParameterizedTest
  @ValueSource(strings = {"last", "all"})
  void theClausesTruthGivesTheVerdict(String rounds) {
    List<Toy> posts = Toys.random(new Random(1), 7, 12);
    for (List<View> views :
        List.of(Toys.VIEWS, Toys.VIEWS.subList(0, 1), Toys.VIEWS.subList(1, 2))) {
      try (DetectionSystem system =
              create(views, settings -> settings.with(LogicDm.ROUNDS, rounds));
          NDManager manager = NDManager.newBaseManager()) {
        Output output =
            Engines.withoutGradients(() -> system.forward(Toys.batch(manager, posts, 0), false));
        float[] probabilities = output.logits().softmax(1).toFloatArray();
        List<List<Clause>> clauses = system.clauses(output);
        assertThat(clauses).hasSize(posts.size());
        for (int post = 0; post < posts.size(); post++) {
          double[] values = new double[2];
          for (int c = 0; c < 2; c++) {
            String label = Toys.CLASSES.get(c);
            double not =
                clauses.get(post).stream()
                    .filter(clause -> clause.label().equals(label))
                    .mapToDouble(clause -> 1 - clause.value())
                    .reduce(1, (a, b) -> a * b);
            values[c] = 1 - not;
          }
          assertThat((double) probabilities[2 * post])
              .isCloseTo(values[0] / (values[0] + values[1]), within(1e-4));
        }
      }
    }
  }

  @Test
  void aClausesTruthIsThatOfItsAtoms() {
    List<Toy> posts = Toys.random(new Random(2), 7, 12);
    try (DetectionSystem system = create(Toys.VIEWS, settings -> settings.with(LogicDm.RATE, 0.2));
        NDManager manager = NDManager.newBaseManager()) {
      Output output =
          Engines.withoutGradients(() -> system.forward(Toys.batch(manager, posts, 0), false));
      for (List<Clause> ofPost : system.clauses(output)) {
        assertThat(ofPost).extracting(Clause::label).containsExactly("fake", "real");
        for (Clause clause : ofPost) {
          assertThat(clause.round()).isEqualTo(Reasoner.ROUNDS);
          assertThat(clause.atoms()).isNotEmpty();
          assertThat(clause.value()).isCloseTo(product(clause), within(1e-6));
          assertThat(clause.atoms())
              .isSortedAccordingTo(Comparator.comparingDouble(Clause.Atom::weight).reversed());
          for (Clause.Atom atom : clause.atoms()) {
            assertThat(atom.truth()).isBetween(0.0, 1.0);
            double factor = atom.weight() >= 0.4 ? atom.truth() : atom.truth() * atom.weight();
            assertThat(atom.factor()).isCloseTo(factor, within(1e-6));
          }
        }
      }
    }
  }

  @Test
  void atomsNameThePartsThatThePostHas() {
    float[][] tokens = Toys.random(new Random(3), 9).tokens().get("image_pattern");
    Toy post =
        new Toy(
            Map.of(
                "text_pattern", new float[][] {{1, 2, 3, 4, 5, 6, 7, 9}}, "image_pattern", tokens));
    try (DetectionSystem system = create(Toys.VIEWS, UnaryOperator.identity());
        NDManager manager = NDManager.newBaseManager()) {
      Output output =
          Engines.withoutGradients(
              () ->
                  system.forward(
                      Toys.batch(manager, List.of(post, post.without("image_pattern")), 3), false));
      List<List<Clause>> clauses = system.clauses(output);
      assertThat(clauses.get(0))
          .flatExtracting(Clause::atoms)
          .flatExtracting(Clause.Atom::objects)
          .allMatch(part -> part.matches("the whole (text|image)|patch \\(\\d, \\d\\)"));
      assertThat(clauses.get(1))
          .flatExtracting(Clause::atoms)
          .flatExtracting(Clause.Atom::objects)
          .containsOnly("the whole text");
    }
    assertThat(Nodes.describe(Modality.TEXT, 0, 4)).isEqualTo("token 1");
    assertThat(Nodes.describe(Modality.IMAGE, 48, 49)).isEqualTo("patch (7, 7)");
    assertThat(Nodes.describe(Modality.IMAGE, 7, 10)).isEqualTo("patch (2, 3)");
  }

  @Test
  void patchesTouchOnTheGridThatThePostHas() {
    assertThat(IntStream.of(1, 7, 9, 10, 49, 50).map(Nodes::columns))
        .containsExactly(1, 7, 3, 5, 7, 10);
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray mask = manager.create(new float[] {1, 1, 1, 1, 0}, new Shape(1, 5));
      Tokens image = new Tokens(manager.zeros(new Shape(1, 5, 2)), Optional.of(mask));
      // a grid of two by two, where all touch, and a masked patch that touches itself alone
      assertThat(Nodes.of(Map.of(Modality.IMAGE, image)).adjacency().toFloatArray())
          .containsExactly(
              1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1);
    }
  }

  @Test
  void ofEqualNumbersTheFirstAreTheLargest() {
    float[] values = {9, 0.2f, 0.5f, 0.5f, 0.2f, 0.7f};
    boolean[] allowed = {true, true, true, true, false};
    assertThat(Largest.of(values, 1, allowed, 3, 0)).containsExactly(1, 2, 0);
    assertThat(Largest.of(values, 1, allowed, 9, 0)).containsExactly(1, 2, 0, 3);
    assertThat(Largest.of(values, 1, allowed, 2, 1)).containsExactly(0, 1);
  }

  @Test
  void pairsAreScoredAsTheirVectorsSay() {
    // the scores come from another order of the same sums than the vectors that are kept
    try (Parameters parameters = new Parameters(4, Device.cpu());
        NDManager manager = NDManager.newBaseManager()) {
      Candidates candidates = new Candidates(parameters, ObjectKind.TT, 6);
      NDArray values = manager.randomNormal(new Shape(2, 5, 6));
      Nodes nodes = Nodes.of(Map.of(Modality.TEXT, new Tokens(values, Optional.empty())));
      Candidates.Kept kept = candidates.keep(nodes, 25);
      NDArray first = values.expandDims(2).broadcast(new Shape(2, 5, 5, 6)).reshape(2, 25, 6);
      NDArray second = values.expandDims(1).broadcast(new Shape(2, 5, 5, 6)).reshape(2, 25, 6);
      NDArray met = candidates.meet(first, second);
      NDArray weight = parameters.byName().get("score_TT.weight");
      NDArray bias = parameters.byName().get("score_TT.bias");
      List<Float> scores = new ArrayList<>();
      for (int place : kept.places()[1]) {
        scores.add(
            Math.max(0, met.get(1).get(place).mul(weight).sum().getFloat() + bias.getFloat()));
      }
      assertThat(scores).hasSize(25).isSortedAccordingTo(Comparator.reverseOrder());
    }
  }

  @Test
  void severalClassesAskEachWhetherItIsThePosts() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray values = manager.create(new float[][] {{0.9f, 0.2f, 0.4f}});
      double expected =
          Math.log(Math.exp(0.9) + Math.exp(0.2) + Math.exp(0.4))
              - 0.2
              + Math.log(Math.exp(0.9) + Math.exp(0.1))
              - 0.1
              + Math.log(Math.exp(0.2) + Math.exp(0.8))
              - 0.2
              + Math.log(Math.exp(0.4) + Math.exp(0.6))
              - 0.6;
      assertThat(LogicDm.loss(values, manager.create(new long[] {1})).getFloat())
          .isCloseTo((float) expected, within(1e-5f));
    }
  }

  @Test
  void headsThatDoNotDivideTheWidthAreRefusedInWords() {
    assertThatThrownBy(() -> create(Toys.VIEWS, settings -> settings.with(LogicDm.HEADS, 3)))
        .isInstanceOf(WrongUseException.class)
        .hasMessage("logicdm.width 20 is not divisible by logicdm.heads 3");
  }

  /**
   * Of posts with one token and one patch all objects are kept; a threshold of 0 takes every atom
   * by its truth, one of 1 the single atom chosen most, by truth and choice. Neither jumps nearby.
   */
  @ParameterizedTest
  @ValueSource(doubles = {0, 1})
  void gradientsAgreeWithFiniteDifferencesWhereNothingJumps(double threshold) {
    List<Toy> posts = Toys.random(new Random(6), 1, 3);
    try (DetectionSystem system =
            create(
                Toys.VIEWS,
                settings ->
                    settings
                        .with(LogicDm.TOP, 1)
                        .with(LogicDm.THRESHOLD, threshold)
                        .with(LogicDm.RATE, 0.2));
        NDManager manager = NDManager.newBaseManager()) {
      try (GradientCollector gradients = manager.getEngine().newGradientCollector()) {
        Output output = system.forward(Toys.batch(manager, posts, 0), false);
        gradients.backward(output.logits().get(":, 0").sum());
      }
      int compared = 0;
      for (Map.Entry<String, NDArray> each : system.parameters().entrySet()) {
        float[] gradient;
        try (NDArray array = each.getValue().getGradient()) {
          gradient = array.toFloatArray();
        }
        double squares = 0;
        for (float value : gradient) {
          squares += (double) value * value;
        }
        if (Math.sqrt(squares) < 0.05) { // what rounding would drown
          continue;
        }
        compared++;
        FloatBuffer memory = each.getValue().toByteBuffer(true).asFloatBuffer();
        float[] start = each.getValue().toFloatArray();
        double best = Double.POSITIVE_INFINITY;
        for (double rise : new double[] {2e-5, 1e-4, 4e-4, 1.6e-3}) {
          double up = at(system, posts, memory, start, gradient, rise / squares);
          double down = at(system, posts, memory, start, gradient, -rise / squares);
          best = Math.min(best, Math.abs((up - down) / (2 * rise) - 1));
        }
        memory.put(0, start);
        assertThat(best).as("relative error of the slope along %s", each.getKey()).isLessThan(0.01);
      }
      assertThat(compared).isGreaterThanOrEqualTo(5);
    }
  }

  /** The logarithms of the first class's values, added up, a way along a direction. */
  private static double at(
      DetectionSystem system,
      List<Toy> posts,
      FloatBuffer memory,
      float[] start,
      float[] direction,
      double distance) {
    for (int i = 0; i < start.length; i++) {
      memory.put(i, (float) (start[i] + distance * direction[i]));
    }
    try (NDManager manager = NDManager.newBaseManager()) {
      float[] logits =
          Engines.withoutGradients(
              () -> system.forward(Toys.batch(manager, posts, 0), false).logits().toFloatArray());
      return IntStream.range(0, posts.size()).mapToDouble(post -> logits[2 * post]).sum();
    }
  }
}
