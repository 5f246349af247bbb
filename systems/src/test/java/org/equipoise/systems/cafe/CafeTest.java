package org.equipoise.systems.cafe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Schema;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem.Output;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.Toys;
import org.equipoise.systems.Toys.Toy;
import org.equipoise.systems.cafe.Ambiguity.Gaussian;
import org.equipoise.systems.engine.Engines;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CafeTest {
  private static final long FAKE = 0;
  private static final long REAL = 1;

  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  private static Cafe cafe(List<String> classes) {
    Settings settings = Schema.of(Cafe.SETTINGS).defaults().with(Cafe.DROPOUT, 0.0);
    return new Cafe(new SystemContext(Toys.VIEWS, classes, 0, settings, 2, Device.cpu()));
  }

  private static Gaussian gaussian(NDManager manager, float mean, float sigma) {
    return new Gaussian(
        manager.create(new float[] {mean}, new Shape(1, 1)),
        manager.create(new float[] {sigma}, new Shape(1, 1)));
  }

  @Test
  void theAmbiguityIsAHalfForAgreementAndGrowsWithTheDistance() {
    try (NDManager manager = NDManager.newBaseManager()) {
      Gaussian standard = gaussian(manager, 0, 1);
      assertThat(Ambiguity.between(standard, gaussian(manager, 0, 1)).getFloat(0)).isEqualTo(0.5f);
      // both divergences are (μ₁ − μ₂)²/2 = 2: sigmoid(2)
      assertThat(Ambiguity.between(standard, gaussian(manager, 2, 1)).getFloat(0))
          .isCloseTo(0.880797f, within(1e-6f));
      // log 2 + 1/8 − 1/2 and −log 2 + 2 − 1/2: sigmoid(9/16)
      assertThat(Ambiguity.between(standard, gaussian(manager, 0, 2)).getFloat(0))
          .isCloseTo(0.637031f, within(1e-6f));
    }
  }

  @Test
  void theAmbiguityWeighsWhatModalitiesSayTogetherAgainstEachAlone() {
    try (NDManager manager = NDManager.newBaseManager()) {
      List<NDArray> alone =
          List.of(
              manager.create(new float[][] {{2, 4}, {2, 4}}),
              manager.create(new float[][] {{8}, {8}}));
      NDArray together = manager.create(new float[][] {{1, 3}, {1, 3}});
      NDArray ambiguity = manager.create(new float[] {0.5f, 0.75f});
      assertThat(Fusion.weigh(alone, together, ambiguity, Optional.empty()).toFloatArray())
          .containsExactly(1, 2, 4, 0.5f, 1.5f, 0.5f, 1, 2, 0.75f, 2.25f);
      // a post that lacks a modality has nothing to be ambiguous about
      NDArray complete = manager.create(new float[] {1, 0});
      assertThat(Fusion.weigh(alone, together, ambiguity, Optional.of(complete)).toFloatArray())
          .containsExactly(1, 2, 4, 0.5f, 1.5f, 2, 4, 8, 0, 0);
    }
  }

  @Test
  void threePostsAreMismatchedWithTheirNeighboursAndFewerThanTwoWithNobody() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray units = manager.eye(3);
      Alignment alignment = new Alignment(0.2);
      // every text meets its own image, cosine 1, and another one, cosine 0
      assertThat(alignment.loss(units, units, new long[] {0, 1, 2}).orElseThrow().getFloat())
          .isCloseTo(0, within(1e-6f));
      // all alike: mismatched pairs cost 1 − 0.2
      NDArray alike = manager.ones(new Shape(3, 2));
      assertThat(alignment.loss(alike, alike, new long[] {0, 1, 2}).orElseThrow().getFloat())
          .isCloseTo(0.4f, within(1e-6f));
      assertThat(alignment.loss(units, units, new long[] {1})).isEmpty();
      assertThat(alignment.loss(units, units, new long[0])).isEmpty();
    }
  }

  @Test
  void theVerdictReadsTheCommonSpaceWithoutMovingIt() {
    List<Toy> posts = Toys.random(new Random(1), 5, 6);
    try (Cafe cafe = cafe(Toys.CLASSES);
        NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      Output output = cafe.forward(Toys.batch(manager, posts, 0), true);
      collector.backward(
          cafe.losses(output, manager.create(Toys.labels(6, 2))).parts().get("classification"));
      cafe.parameters()
          .forEach(
              (name, parameter) -> {
                try (NDArray gradient = parameter.getGradient()) {
                  if (name.startsWith("alignment.")) {
                    assertThat(gradient.abs().max().getFloat()).as(name).isZero();
                  }
                  if (name.startsWith("ambiguity.") && name.endsWith("out.weight")) {
                    assertThat(gradient.abs().max().getFloat()).as(name).isPositive();
                  }
                }
              });
    }
  }

  @Test
  void trainingBringsMatchedPairsTogetherAndMismatchedOnesApart() {
    List<Toy> posts = Toys.random(new Random(2), 4, 6);
    long[] labels = {REAL, REAL, REAL, REAL, FAKE, FAKE};
    try (Cafe cafe = cafe(Toys.CLASSES)) {
      double before = alignmentLoss(cafe, posts, labels);
      Toys.train(cafe, posts, labels, 60, 0.005);
      assertThat(alignmentLoss(cafe, posts, labels)).isLessThan(before / 5);
    }
  }

  private static double alignmentLoss(Cafe cafe, List<Toy> posts, long... labels) {
    try (NDManager manager = NDManager.newBaseManager()) {
      return Engines.withoutGradients(
          () ->
              cafe.losses(cafe.forward(Toys.batch(manager, posts, 0), true), manager.create(labels))
                  .parts()
                  .get("alignment")
                  .getFloat());
    }
  }

  @Test
  void onlyCompleteRealPostsAreAlignedAndAllWhereNoClassIsReal() {
    List<Toy> posts = new ArrayList<>(Toys.random(new Random(3), 4, 4));
    posts.set(3, posts.get(3).without("image_pattern"));
    try (Cafe cafe = cafe(Toys.CLASSES);
        Cafe unreal = cafe(List.of("a", "b"));
        NDManager manager = NDManager.newBaseManager()) {
      // two real posts, one of them without an image
      NDArray labels = manager.create(new long[] {REAL, FAKE, FAKE, REAL});
      Output output = cafe.forward(Toys.batch(manager, posts, 0), true);
      assertThat(cafe.losses(output, labels).parts()).doesNotContainKey("alignment");
      assertThat(cafe.warnings()).isEmpty();
      Output other = unreal.forward(Toys.batch(manager, posts, 0), true);
      assertThat(unreal.losses(other, labels).parts()).containsKey("alignment");
      assertThat(unreal.warnings())
          .containsExactly(
              "CAFE takes all posts for matched: cafe.real is 'real', the classes are [a, b]");
    }
  }

  @Test
  void verdictsHoldNoChance() {
    List<Toy> posts = Toys.random(new Random(4), 4, 5);
    try (Cafe cafe = cafe(Toys.CLASSES);
        NDManager manager = NDManager.newBaseManager()) {
      float[] first = cafe.forward(Toys.batch(manager, posts, 0), false).logits().toFloatArray();
      float[] again = cafe.forward(Toys.batch(manager, posts, 0), false).logits().toFloatArray();
      assertThat(again).isEqualTo(first);
    }
  }

  @Test
  void anEmptyListOfWidthsIsRefused() {
    assertThatThrownBy(
            () ->
                new Cafe(
                    Toys.context(
                        new Cafe.Factory(),
                        Toys.VIEWS,
                        0,
                        settings -> settings.with(Cafe.ALONE_WIDTHS, List.of()))))
        .isInstanceOf(WrongUseException.class)
        .hasMessage("cafe.alone_widths is empty, needs at least one width");
  }
}
