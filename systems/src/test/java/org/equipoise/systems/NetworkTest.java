package org.equipoise.systems;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Schema;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem.Input;
import org.equipoise.systems.DetectionSystem.Losses;
import org.equipoise.systems.DetectionSystem.Output;
import org.equipoise.systems.DetectionSystem.Targets;
import org.equipoise.systems.Toys.Toy;
import org.equipoise.systems.bmr.Bmr;
import org.equipoise.systems.cafe.Cafe;
import org.equipoise.systems.eann.Eann;
import org.equipoise.systems.engine.Engines;
import org.equipoise.systems.hmcan.Hmcan;
import org.equipoise.systems.logicdm.LogicDm;
import org.equipoise.systems.mrml.Mrml;
import org.equipoise.systems.mttv.Mttv;
import org.equipoise.systems.qmfnd.Qmfnd;
import org.equipoise.systems.safe.Safe;
import org.equipoise.systems.single.OneView;
import org.equipoise.systems.spotfake.SpotFakePlus;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds every system that reads at most one view of text and one of images. */
class NetworkTest {
  private static final String TEXT = "text_pattern";
  private static final String IMAGE = "image_pattern";

  /** Settings of networks that are too large for a quick test. */
  private static final List<String> SMALL =
      List.of(
          "hmcan.width=12",
          "hmcan.heads=2",
          "hmcan.hidden=8",
          "mttv.width=12",
          "mttv.heads=2",
          "mttv.feed_forward=16",
          "bmr.width=12",
          "bmr.heads=2",
          "bmr.trim=8",
          "bmr.reweighing=8");

  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  static Stream<SystemFactory> networks() {
    return Stream.of(
        OneView.Factory.BERT,
        OneView.Factory.SWIN,
        new Eann.Factory(),
        new SpotFakePlus.Factory(),
        new Safe.Factory(),
        new Cafe.Factory(),
        new Mrml.Factory(),
        new LogicDm.Factory(),
        new Qmfnd.Factory(),
        new Bmr.Factory(),
        new Mttv.Factory(),
        new Hmcan.Factory());
  }

  static Stream<SystemFactory> ofBothModalities() {
    return networks().filter(factory -> !(factory instanceof OneView.Factory));
  }

  private static DetectionSystem create(SystemFactory factory, List<View> views) {
    Schema schema = Schema.of(factory.settings());
    return factory.create(
        Toys.context(
            factory,
            views,
            3,
            settings -> {
              Settings small = settings;
              for (String value : SMALL) {
                String system = value.substring(0, value.indexOf('.') + 1);
                if (factory.settings().stream().anyMatch(s -> s.key().startsWith(system))) {
                  small = schema.override(small, value);
                }
              }
              return small;
            }));
  }

  private static Targets targets(NDManager manager, int posts) {
    return new Targets(
        manager.create(Toys.labels(posts, 2)),
        Optional.of(manager.create(Toys.labels(posts, 3))),
        1);
  }

  /** Logits and views' logits, by post. */
  private static List<float[]> scores(DetectionSystem system, List<Toy> posts, int padding) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Output output =
          Engines.withoutGradients(
              () -> system.forward(Toys.batch(manager, posts, padding), false));
      List<NDArray> all = new ArrayList<>(output.viewLogits().values());
      all.add(output.logits());
      List<float[]> byPost = new ArrayList<>();
      for (int post = 0; post < posts.size(); post++) {
        float[] own = new float[all.size() * system.classes()];
        for (int i = 0; i < all.size(); i++) {
          float[] values = all.get(i).get(post).toFloatArray();
          System.arraycopy(values, 0, own, i * values.length, values.length);
        }
        byPost.add(own);
      }
      return byPost;
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void aVerdictDependsNeitherOnTheBatchNorOnItsPadding(SystemFactory factory) {
    Random random = new Random(3);
    for (int most : new int[] {1, 10}) {
      List<Toy> posts = new ArrayList<>(Toys.random(random, most, 6));
      posts.set(1, posts.get(1).without(TEXT));
      posts.set(4, posts.get(4).without(IMAGE));
      try (DetectionSystem system = create(factory, Toys.VIEWS)) {
        List<float[]> together = scores(system, posts, 0);
        List<float[]> padded = scores(system, posts, 9);
        for (int post = 0; post < posts.size(); post++) {
          float[] alone = scores(system, List.of(posts.get(post)), 0).get(0);
          assertThat(together.get(post)).containsExactly(alone, within(2e-5f));
          assertThat(padded.get(post)).containsExactly(alone, within(2e-5f));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void postsWithoutAViewAreZeroThereAndEveryGradientIsANumber(SystemFactory factory) {
    List<Toy> posts = new ArrayList<>(Toys.random(new Random(4), 5, 6));
    posts.set(0, posts.get(0).without(TEXT));
    posts.set(1, posts.get(1).without(IMAGE));
    posts.set(2, posts.get(2).without(IMAGE).without(TEXT));
    try (DetectionSystem system = create(factory, Toys.VIEWS);
        NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      Output output = system.forward(Toys.batch(manager, posts, 0), true);
      Losses losses = system.losses(output, targets(manager, posts.size()));
      collector.backward(losses.total());
      assertThat(losses.total().getFloat()).isFinite();
      system
          .parameters()
          .forEach(
              (name, parameter) -> {
                try (NDArray gradient = parameter.getGradient()) {
                  for (float value : gradient.toFloatArray()) {
                    assertThat(value).as(name).isFinite();
                  }
                }
              });
      if (output.representations().containsKey(TEXT)) {
        assertThat(output.representations().get(TEXT).get(0).abs().max().getFloat()).isZero();
        assertThat(output.viewLogits().get(TEXT).get(0).abs().max().getFloat()).isZero();
        assertThat(output.viewPresence().get(TEXT).toFloatArray())
            .containsExactly(0, 1, 0, 1, 1, 1);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("ofBothModalities")
  void takingAViewOutIsAsIfThePostLackedIt(SystemFactory factory) {
    List<Toy> posts = Toys.random(new Random(5), 5, 3);
    List<Toy> lacking =
        List.of(posts.get(0).without(TEXT), posts.get(1).without(IMAGE), posts.get(2));
    try (DetectionSystem system = create(factory, Toys.VIEWS);
        NDManager manager = NDManager.newBaseManager()) {
      Input input =
          Toys.batch(manager, posts, 0)
              .keeping(
                  Map.of(
                      TEXT, manager.create(new float[] {0, 1, 1}),
                      IMAGE, manager.create(new float[] {1, 0, 1})));
      float[] kept =
          Engines.withoutGradients(() -> system.forward(input, false)).logits().toFloatArray();
      float[] expected =
          Engines.withoutGradients(() -> system.forward(Toys.batch(manager, lacking, 0), false))
              .logits()
              .toFloatArray();
      assertThat(kept).containsExactly(expected, within(2e-5f));
    }
  }

  @ParameterizedTest
  @MethodSource("ofBothModalities")
  void oneModalityAloneTrainsAndKnowsNothingOfTheOther(SystemFactory factory) {
    for (View view : Toys.VIEWS) {
      try (DetectionSystem system = create(factory, List.of(view));
          NDManager manager = NDManager.newBaseManager();
          GradientCollector collector = manager.getEngine().newGradientCollector()) {
        List<Toy> posts = Toys.random(new Random(6), 5, 6);
        Output output = system.forward(Toys.batch(manager, posts, 0), true);
        collector.backward(system.losses(output, targets(manager, 6)).total());
        assertThat(system.views()).containsExactly(view);
        assertThat(output.viewLogits()).containsOnlyKeys(view.name());
        assertThat(output.logits().getShape().getShape()).containsExactly(6, 2);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void stepsLeaveNoArrayBehind(SystemFactory factory) {
    List<Toy> posts = new ArrayList<>(Toys.random(new Random(7), 5, 6));
    posts.set(0, posts.get(0).without(TEXT));
    try (DetectionSystem system = create(factory, Toys.VIEWS);
        NDManager root = NDManager.newBaseManager()) {
      NDArray parameter = system.parameters().values().iterator().next();
      step(system, root, posts);
      int before = parameter.getManager().getManagedArrays().size();
      for (int i = 0; i < 5; i++) {
        step(system, root, posts);
      }
      assertThat(parameter.getManager().getManagedArrays()).hasSize(before);
      assertThat(root.getManagedArrays()).isEmpty();
    }
  }

  private static void step(DetectionSystem system, NDManager root, List<Toy> posts) {
    try (NDManager manager = root.newSubManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      Output output = system.forward(Toys.batch(manager, posts, 0), true);
      collector.backward(system.losses(output, targets(manager, posts.size())).total());
    }
    try (NDManager manager = root.newSubManager()) {
      Engines.withoutGradients(() -> system.forward(Toys.batch(manager, posts, 0), false));
    }
  }

  static Stream<Arguments> documentedParameters() {
    return Stream.of(
        Arguments.of(OneView.Factory.BERT, 1_538),
        Arguments.of(OneView.Factory.SWIN, 2_002),
        Arguments.of(new Eann.Factory(), 188_434),
        Arguments.of(new SpotFakePlus.Factory(), 5_488_954),
        Arguments.of(new Safe.Factory(), 131_074),
        Arguments.of(new Cafe.Factory(), 1_463_788),
        Arguments.of(new Mrml.Factory(), 8_185_161),
        Arguments.of(new LogicDm.Factory(), 4_069_821),
        Arguments.of(new Qmfnd.Factory(), 7_140),
        Arguments.of(new Bmr.Factory(), 92_043_609),
        Arguments.of(new Mttv.Factory(), 17_298_434),
        Arguments.of(new Hmcan.Factory(), 15_946_500));
  }

  @ParameterizedTest
  @MethodSource("documentedParameters")
  void hasAsManyParametersAtThePapersWidthsAsItsPageSays(SystemFactory factory, long expected) {
    List<View> views =
        List.of(
            new View(TEXT, Modality.TEXT, Kind.PATTERN, 768),
            new View("text_semantic", Modality.TEXT, Kind.SEMANTIC, 512),
            new View(IMAGE, Modality.IMAGE, Kind.PATTERN, 1000),
            new View("image_semantic", Modality.IMAGE, Kind.SEMANTIC, 512));
    try (DetectionSystem system =
        factory.create(Toys.context(factory, views, 0, UnaryOperator.identity()))) {
      assertThat(system.parameters().values().stream().mapToLong(NDArray::size).sum())
          .isEqualTo(expected);
    }
  }

  @Test
  void readsThePatternViewsUnlessToldOtherwise() {
    List<View> four = new ArrayList<>();
    four.add(new View("image_semantic", Modality.IMAGE, Kind.SEMANTIC, 7));
    four.addAll(Toys.VIEWS);
    four.add(new View("text_semantic", Modality.TEXT, Kind.SEMANTIC, 6));
    SystemFactory factory = new Eann.Factory();
    try (DetectionSystem usual = create(factory, four);
        DetectionSystem only = create(factory, four.subList(0, 1));
        DetectionSystem told =
            factory.create(
                Toys.context(
                    factory,
                    four,
                    0,
                    settings ->
                        settings.with(ViewChoice.VIEWS, List.of("text_semantic", IMAGE))))) {
      assertThat(usual.views()).extracting(View::name).containsExactly(TEXT, IMAGE);
      assertThat(only.views()).extracting(View::name).containsExactly("image_semantic");
      assertThat(told.views()).extracting(View::name).containsExactly("text_semantic", IMAGE);
    }
  }

  @Test
  void whatDoesNotFitIsRefusedInWords() {
    SystemFactory bert = OneView.Factory.BERT;
    assertThatThrownBy(() -> create(bert, List.of(Toys.VIEWS.get(1))))
        .isInstanceOf(WrongUseException.class)
        .hasMessage(
            "BERT finds none of the views that it reads; the features have [image_pattern]");
    assertThatThrownBy(
            () ->
                bert.create(
                    Toys.context(
                        bert,
                        Toys.VIEWS,
                        0,
                        settings -> settings.with(ViewChoice.VIEWS, Arrays.asList("text_pat")))))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("[text_pat]")
        .hasMessageContaining("text_pattern");
  }
}
