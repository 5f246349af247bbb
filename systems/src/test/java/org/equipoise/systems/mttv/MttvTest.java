package org.equipoise.systems.mttv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Schema;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem.Output;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.Toys;
import org.equipoise.systems.Toys.Toy;
import org.equipoise.systems.engine.Engines;
import org.equipoise.systems.layers.Tokens;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MttvTest {
  private static final int CLASSES = 6;

  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  private static Settings settings() {
    return Schema.of(Mttv.SETTINGS)
        .defaults()
        .with(Mttv.WIDTH, 12)
        .with(Mttv.HEADS, 2)
        .with(Mttv.FEED_FORWARD, 16)
        .with(Mttv.LAYERS, 1)
        .with(Mttv.DROPOUT, 0.0);
  }

  private static Mttv mttv(UnaryOperator<Settings> change, int classes) {
    return new Mttv(
        new SystemContext(Toys.VIEWS, classes, change.apply(settings()), 6, Device.cpu()));
  }

  /** Posts of six classes, the later the rarer, whose directions lie close together. */
  private record Drawn(List<Toy> posts, long[] labels) {
    static Drawn of(Random random, float[][][] directions, int... counts) {
      List<Toy> posts = new ArrayList<>();
      List<Long> labels = new ArrayList<>();
      for (int c = 0; c < counts.length; c++) {
        for (int i = 0; i < counts[c]; i++) {
          Map<String, float[][]> tokens = new LinkedHashMap<>();
          for (int v = 0; v < Toys.VIEWS.size(); v++) {
            tokens.put(Toys.VIEWS.get(v).name(), token(random, directions[v][c]));
          }
          posts.add(new Toy(tokens));
          labels.add((long) c);
        }
      }
      return new Drawn(posts, labels.stream().mapToLong(Long::longValue).toArray());
    }

    private static float[][] token(Random random, float[] direction) {
      float[] token = new float[direction.length];
      for (int d = 0; d < token.length; d++) {
        token[d] = (float) (direction[d] + random.nextGaussian());
      }
      return new float[][] {token};
    }
  }

  private static double[] recalls(Mttv mttv, Drawn drawn) {
    double[] found = new double[CLASSES];
    int[] count = new int[CLASSES];
    try (NDManager manager = NDManager.newBaseManager()) {
      long[] said =
          Engines.withoutGradients(() -> mttv.forward(Toys.batch(manager, drawn.posts(), 0), false))
              .logits()
              .argMax(1)
              .toLongArray();
      for (int i = 0; i < said.length; i++) {
        int label = (int) drawn.labels()[i];
        count[label]++;
        found[label] += said[i] == label ? 1 : 0;
      }
    }
    return IntStream.range(0, CLASSES).mapToDouble(c -> found[c] / count[c]).toArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"logits", "centred"})
  void theScalableClassifierLiftsRareClassesRecallOnSixClasses(String scaling) {
    Random random = new Random(11);
    float[][][] directions = new float[Toys.VIEWS.size()][CLASSES][];
    for (int v = 0; v < directions.length; v++) {
      for (int c = 0; c < CLASSES; c++) {
        float[] direction = new float[Toys.VIEWS.get(v).width()];
        for (int d = 0; d < direction.length; d++) {
          direction[d] = (float) (0.9 * random.nextGaussian());
        }
        directions[v][c] = direction;
      }
    }
    Drawn training = Drawn.of(random, directions, 60, 50, 40, 8, 6, 5);
    Drawn validation = Drawn.of(random, directions, 60, 50, 40, 20, 20, 20);
    Drawn test = Drawn.of(random, directions, 100, 100, 100, 100, 100, 100);
    try (Mttv mttv = mttv(settings -> settings.with(Mttv.SCALING, scaling), CLASSES)) {
      Toys.train(mttv, training.posts(), training.labels(), 80, 0.003);
      double before = rare(recalls(mttv, test));
      mttv.rescale(recalls(mttv, validation), new int[] {60, 50, 40, 20, 20, 20});
      double after = rare(recalls(mttv, test));
      assertThat(after).isGreaterThan(before + 0.05);
      mttv.resetScaling();
      assertThat(rare(recalls(mttv, test))).isEqualTo(before);
    }
  }

  private static double rare(double[] recalls) {
    return Arrays.stream(recalls, CLASSES / 2, CLASSES).average().orElseThrow();
  }

  @Test
  void aClassThatIsNeverFoundCountsAsFoundHalfOnceAndOneWithoutPostsIsLeftAlone() {
    assertThat(
            ScalableClassifier.factors(new double[] {0.5, 0, 0.1, 0}, new int[] {8, 4, 10, 0}, 1))
        .containsExactly(new double[] {2, 8, 10, 1}, within(1e-9));
    assertThat(ScalableClassifier.factors(new double[] {0.25, 1}, new int[] {8, 8}, 0.5))
        .containsExactly(new double[] {2, 1}, within(1e-9));
  }

  @Test
  void factorsMultiplyTheLogitsOrWhatTheyHaveBeyondTheirMean() {
    List<Toy> posts = Toys.random(new Random(1), 4, 5);
    float[] plain = logits("none", posts);
    float[] published = logits("logits", posts);
    float[] centred = logits("centred", posts);
    for (int i = 0; i < plain.length; i += 2) {
      float mean = (plain[i] + plain[i + 1]) / 2;
      assertThat(published[i]).isCloseTo(4 * plain[i], within(1e-5f));
      assertThat(published[i + 1]).isCloseTo(plain[i + 1], within(1e-5f));
      assertThat(centred[i]).isCloseTo(4 * (plain[i] - mean), within(1e-5f));
    }
  }

  private static float[] logits(String scaling, List<Toy> posts) {
    try (Mttv mttv = mttv(settings -> settings.with(Mttv.SCALING, scaling), 2);
        NDManager manager = NDManager.newBaseManager()) {
      mttv.rescale(new double[] {0.25, 1}, new int[] {100, 100});
      return Engines.withoutGradients(() -> mttv.forward(Toys.batch(manager, posts, 0), false))
          .logits()
          .toFloatArray();
    }
  }

  @Test
  void trainingReadsUnscaledLogitsAndTheFactorsAreKept() {
    List<Toy> posts = Toys.random(new Random(2), 3, 4);
    try (Mttv mttv = mttv(UnaryOperator.identity(), 2);
        NDManager manager = NDManager.newBaseManager()) {
      float[] before = training(mttv, manager, posts).logits().toFloatArray();
      mttv.rescale(new double[] {0.5, 0.25}, new int[] {10, 10});
      assertThat(mttv.buffers().get("scalable.factor").toFloatArray()).containsExactly(2, 4);
      assertThat(training(mttv, manager, posts).logits().toFloatArray()).isEqualTo(before);
    }
  }

  private static Output training(Mttv mttv, NDManager manager, List<Toy> posts) {
    return Engines.withoutGradients(() -> mttv.forward(Toys.batch(manager, posts, 0), true));
  }

  private static Tokens numbered(NDManager manager, int count, int... there) {
    float[] values = new float[there.length * count];
    float[] mask = new float[there.length * count];
    for (int post = 0; post < there.length; post++) {
      for (int t = 0; t < there[post]; t++) {
        values[post * count + t] = t;
        mask[post * count + t] = 1;
      }
    }
    return new Tokens(
        manager.create(values, new Shape(there.length, count, 1)),
        Optional.of(manager.create(mask, new Shape(there.length, count))));
  }

  @Test
  void globalTokensAreMeansOfStretchesAndRegionsAreEvenlySpaced() {
    try (NDManager manager = NDManager.newBaseManager()) {
      VisualTokens visual = VisualTokens.of(numbered(manager, 7, 6, 1, 0, 7), 3, 2);
      assertThat(visual.global().values().toFloatArray())
          .containsExactly(
              new float[] {0.5f, 2.5f, 4.5f, 0, 0, 0, 0, 0, 0, 1, 3, 5}, within(1e-6f));
      assertThat(visual.global().mask().orElseThrow().toFloatArray())
          .containsExactly(1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1);
      Tokens regions = visual.region().orElseThrow();
      assertThat(regions.values().toFloatArray()).containsExactly(1, 4, 0, 0, 0, 0, 1, 5);
      assertThat(regions.mask().orElseThrow().toFloatArray())
          .containsExactly(1, 1, 0, 0, 0, 0, 1, 1);
    }
  }

  @Test
  void aSingleTokenIsGlobalAndHasNoRegions() {
    try (NDManager manager = NDManager.newBaseManager()) {
      VisualTokens visual = VisualTokens.of(numbered(manager, 1, 1, 1), 5, 20);
      assertThat(visual.global().count()).isEqualTo(1);
      assertThat(visual.region()).isEmpty();
    }
  }

  @Test
  void asManyTokensAsRegionsAreTheRegions() {
    try (NDManager manager = NDManager.newBaseManager()) {
      Tokens regions = VisualTokens.of(numbered(manager, 4, 4), 2, 4).region().orElseThrow();
      assertThat(regions.values().toFloatArray()).containsExactly(0, 1, 2, 3);
    }
  }

  @Test
  void tokensBeyondThePositionsAreNotRead() {
    UnaryOperator<Settings> few =
        settings -> settings.with(Mttv.GLOBALS, 1).with(Mttv.REGIONS, 1).with(Mttv.POSITIONS, 4);
    View text = Toys.VIEWS.get(0);
    Random random = new Random(5);
    Toy whole = Toys.random(random, 1);
    float[][] six = new float[6][text.width()];
    for (float[] token : six) {
      for (int d = 0; d < token.length; d++) {
        token[d] = (float) random.nextGaussian();
      }
    }
    try (Mttv mttv = mttv(few, 2);
        NDManager manager = NDManager.newBaseManager()) {
      NDArray all = score(mttv, manager, with(whole, text, six));
      NDArray first = score(mttv, manager, with(whole, text, Arrays.copyOf(six, 4)));
      NDArray fewer = score(mttv, manager, with(whole, text, Arrays.copyOf(six, 3)));
      assertThat(all.toFloatArray()).isEqualTo(first.toFloatArray());
      assertThat(fewer.toFloatArray()).isNotEqualTo(first.toFloatArray());
    }
  }

  private static Toy with(Toy post, View view, float[][] tokens) {
    Map<String, float[][]> changed = new LinkedHashMap<>(post.tokens());
    changed.put(view.name(), tokens);
    return new Toy(changed);
  }

  private static NDArray score(Mttv mttv, NDManager manager, Toy post) {
    return Engines.withoutGradients(
            () -> mttv.forward(Toys.batch(manager, List.of(post), 0), false))
        .logits();
  }

  @Test
  void sizesThatDoNotFitAreRefused() {
    assertThatThrownBy(() -> mttv(settings -> settings.with(Mttv.HEADS, 5), 2))
        .isInstanceOf(WrongUseException.class)
        .hasMessage("mttv.width 12 does not divide by mttv.heads 5");
    assertThatThrownBy(() -> mttv(settings -> settings.with(Mttv.POSITIONS, 26), 2))
        .isInstanceOf(WrongUseException.class)
        .hasMessage(
            "mttv.positions is 26, the image's tokens need 27: as many as mttv.globals and"
                + " mttv.regions, and 2");
  }
}
