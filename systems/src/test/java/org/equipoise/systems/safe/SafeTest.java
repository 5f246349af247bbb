package org.equipoise.systems.safe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.equipoise.core.config.Schema;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem.Output;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.Toys;
import org.equipoise.systems.Toys.Toy;
import org.equipoise.systems.engine.Engines;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SafeTest {
  private static final long FAKE = 0;
  private static final long REAL = 1;

  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  private static Safe safe(List<String> classes) {
    Settings settings =
        Schema.of(Safe.SETTINGS)
            .defaults()
            .with(Safe.REDUCED, 6)
            .with(Safe.FILTERS, 8)
            .with(Safe.WIDTH, 4);
    return new Safe(new SystemContext(Toys.VIEWS, classes, 0, settings, 2, Device.cpu()));
  }

  private static float[] similarity(Safe safe, List<Toy> posts) {
    try (NDManager manager = NDManager.newBaseManager()) {
      return Engines.withoutGradients(
          () ->
              safe.forward(Toys.batch(manager, posts, 0), false)
                  .stages()
                  .get("similarity")
                  .toFloatArray());
    }
  }

  @Test
  void similarityIsOneHalfOrNothingForParallelSquareAndOppositeVectors() {
    try (NDManager manager = NDManager.newBaseManager()) {
      float[] similarity =
          Safe.similarity(
                  manager.create(new float[][] {{1, 2}, {1, 2}, {1, 2}}),
                  manager.create(new float[][] {{3, 6}, {-4, 2}, {-1, -2}}))
              .toFloatArray();
      assertThat(similarity).containsExactly(new float[] {1, 0.5f, 0}, within(1e-6f));
    }
  }

  @Test
  void trainingLowersTheSimilarityOfMismatchedPairsAndRaisesThatOfMatchedOnes() {
    // real posts pair a text with the image of its topic, fake ones with that of the other topic
    Random random = new Random(8);
    List<Toy> topics = Toys.random(random, 4, 2);
    List<Toy> posts = new ArrayList<>();
    long[] labels = {REAL, FAKE, REAL, FAKE};
    for (int i = 0; i < labels.length; i++) {
      Toy text = topics.get(i / 2);
      Toy image = topics.get(labels[i] == REAL ? i / 2 : 1 - i / 2);
      posts.add(
          new Toy(
              java.util.Map.of(
                  "text_pattern", text.tokens().get("text_pattern"),
                  "image_pattern", image.tokens().get("image_pattern"))));
    }
    try (Safe safe = safe(Toys.CLASSES)) {
      float[] before = similarity(safe, posts);
      Toys.train(safe, posts, labels, 150, 0.01);
      float[] after = similarity(safe, posts);
      assertThat(after[1]).isLessThan(before[1]).isLessThan(0.2f);
      assertThat(after[3]).isLessThan(before[3]).isLessThan(0.2f);
      assertThat(after[0]).isGreaterThan(0.8f);
      assertThat(after[2]).isGreaterThan(0.8f);
    }
  }

  @Test
  void ofManyClassesAllButTheRealOneCountAsFake() {
    List<Toy> posts = Toys.random(new Random(9), 4, 3);
    try (Safe three = safe(List.of("satire", "Real", "fake"));
        Safe two = safe(List.of("real", "fake"));
        NDManager manager = NDManager.newBaseManager()) {
      assertThat(three.warnings()).isEmpty();
      float similarity =
          three
              .losses(
                  three.forward(Toys.batch(manager, posts, 0), true),
                  manager.create(new long[] {0, 1, 2}))
              .parts()
              .get("similarity")
              .getFloat();
      float expected =
          two.losses(
                  two.forward(Toys.batch(manager, posts, 0), true),
                  manager.create(new long[] {1, 0, 1}))
              .parts()
              .get("similarity")
              .getFloat();
      assertThat(similarity).isCloseTo(expected, within(1e-6f));
    }
  }

  @Test
  void withoutARealClassTheSimilarityHasNoLossAndAWarningSaysSo() {
    try (Safe safe = safe(List.of("a", "b", "c"));
        NDManager manager = NDManager.newBaseManager()) {
      Output output = safe.forward(Toys.batch(manager, Toys.random(new Random(9), 4, 3), 0), true);
      assertThat(safe.losses(output, manager.create(new long[] {0, 1, 2})).parts())
          .containsOnlyKeys("classification");
      assertThat(safe.warnings())
          .containsExactly(
              "SAFE's similarity has no loss: safe.real is 'real', the classes are [a, b, c]");
    }
  }

  @Test
  void postsWithoutAnImageTakeNoPartInTheSimilaritysLoss() {
    List<Toy> posts = new ArrayList<>(Toys.random(new Random(10), 4, 3));
    try (Safe safe = safe(Toys.CLASSES);
        NDManager manager = NDManager.newBaseManager()) {
      List<Toy> lacking = new ArrayList<>(posts);
      lacking.set(2, posts.get(2).without("image_pattern"));
      float all = loss(safe, manager, lacking, FAKE, REAL, FAKE);
      float complete = loss(safe, manager, posts.subList(0, 2), FAKE, REAL);
      assertThat(all).isCloseTo(complete, within(1e-6f));
    }
  }

  private static float loss(Safe safe, NDManager manager, List<Toy> posts, long... labels) {
    return safe.losses(safe.forward(Toys.batch(manager, posts, 0), true), manager.create(labels))
        .parts()
        .get("similarity")
        .getFloat();
  }
}
