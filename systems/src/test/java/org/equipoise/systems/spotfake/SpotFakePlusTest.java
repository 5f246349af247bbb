package org.equipoise.systems.spotfake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.Toys;
import org.equipoise.systems.Toys.Toy;
import org.equipoise.systems.engine.Engines;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SpotFakePlusTest {
  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  private static SpotFakePlus network(UnaryOperator<Settings> change) {
    return new SpotFakePlus(Toys.context(new SpotFakePlus.Factory(), Toys.VIEWS, 0, change));
  }

  @Test
  void thePenaltyBeginsNearTwiceItsFactorForEachOfTheLayersResults() {
    try (SpotFakePlus network = network(UnaryOperator.identity());
        NDManager manager = NDManager.newBaseManager()) {
      float penalty =
          network
              .losses(
                  network.forward(Toys.batch(manager, Toys.random(new Random(1), 2, 2), 0), true),
                  manager.create(new long[] {0, 1}))
              .parts()
              .get("penalty")
              .getFloat();
      int results = 1000 + 500 + 100 + 2000 + 1000 + 100 + 200 + 100 + 50;
      assertThat(penalty).isCloseTo(0.01f * 2 * results, within(2f));
    }
  }

  @Test
  void flattenedTextIsPaddedOrCutToItsNumberOfTokens() {
    Toy whole = Toys.random(new Random(2), 1);
    float[][] long5 = new float[5][];
    Random random = new Random(3);
    for (int t = 0; t < long5.length; t++) {
      long5[t] = new float[Toys.VIEWS.get(0).width()];
      for (int i = 0; i < long5[t].length; i++) {
        long5[t][i] = (float) random.nextGaussian();
      }
    }
    float[][] turned = {long5[1], long5[0], long5[2], long5[3], long5[4]};
    float[][] changedEnd = {long5[0], long5[1], long5[2], long5[4], long5[3]};
    try (SpotFakePlus network =
        network(
            settings ->
                settings
                    .with(SpotFakePlus.TEXT, "flattened")
                    .with(SpotFakePlus.TOKENS, 3)
                    .with(SpotFakePlus.TEXT_WIDTHS, List.of(6, 5))
                    .with(SpotFakePlus.IMAGE_WIDTHS, List.of(5)))) {
      assertThat(network.parameters().get("text.0.weight").getShape().getShape())
          .containsExactly(6, 24);
      float[] logits = logits(network, whole, long5);
      assertThat(logits(network, whole, changedEnd)).isEqualTo(logits);
      assertThat(logits(network, whole, turned)).isNotEqualTo(logits);
      assertThat(logits(network, whole, new float[][] {long5[0]})).isNotEqualTo(logits);
    }
  }

  private static float[] logits(SpotFakePlus network, Toy post, float[][] text) {
    Toy changed =
        new Toy(Map.of("text_pattern", text, "image_pattern", post.tokens().get("image_pattern")));
    try (NDManager manager = NDManager.newBaseManager()) {
      return Engines.withoutGradients(
              () -> network.forward(Toys.batch(manager, List.of(changed), 0), false))
          .logits()
          .toFloatArray();
    }
  }

  @Test
  void branchesOfDifferentWidthAreRefused() {
    assertThatThrownBy(
            () -> network(settings -> settings.with(SpotFakePlus.TEXT_WIDTHS, List.of(7))))
        .isInstanceOf(WrongUseException.class)
        .hasMessage(
            "spotfake_plus.text_widths [7] and spotfake_plus.image_widths [2000, 1000, 100] end in"
                + " different widths");
  }
}
