package org.equipoise.systems.eann;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.equipoise.systems.DetectionSystem.Input;
import org.equipoise.systems.DetectionSystem.Losses;
import org.equipoise.systems.DetectionSystem.Output;
import org.equipoise.systems.DetectionSystem.Targets;
import org.equipoise.systems.Toys;
import org.equipoise.systems.engine.Engines;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EannTest {
  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  private static Eann eann(double lambda, int events) {
    return new Eann(
        Toys.context(
            new Eann.Factory(),
            Toys.VIEWS,
            events,
            settings ->
                settings.with(Eann.FILTERS, 3).with(Eann.WIDTH, 4).with(Eann.LAMBDA, lambda)));
  }

  private static Losses losses(Eann eann, NDManager manager, long... events) {
    Input input = Toys.batch(manager, Toys.random(new Random(1), 5, 6), 0);
    Output output = eann.forward(input, true);
    return eann.losses(
        output,
        new Targets(manager.create(Toys.labels(6, 2)), Optional.of(manager.create(events)), 1));
  }

  /** By name, of the event loss alone. */
  private static Map<String, float[]> eventGradients(double lambda) {
    try (Eann eann = eann(lambda, 3);
        NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      collector.backward(losses(eann, manager, 0, 1, 2, 2, 1, 1).parts().get("event"));
      Map<String, float[]> gradients = new LinkedHashMap<>();
      eann.parameters()
          .forEach(
              (name, parameter) -> {
                try (NDArray gradient = parameter.getGradient()) {
                  gradients.put(name, gradient.toFloatArray());
                }
              });
      return gradients;
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 1, 3})
  void theEventLossPushesTheBranchesTheOtherWayAndItsOwnLayersAsItIs(double lambda) {
    // minus one reverses the reversal: the gradients of a plain second head
    Map<String, float[]> plain = eventGradients(0 - 1.0);
    eventGradients(lambda)
        .forEach(
            (name, reversed) -> {
              double factor = name.startsWith("event_") ? 1 : -lambda;
              float[] expected = plain.get(name).clone();
              for (int i = 0; i < expected.length; i++) {
                expected[i] *= (float) factor;
              }
              assertThat(reversed).as(name).containsExactly(expected, within(1e-6f));
              if (name.startsWith("text_") || name.startsWith("image_")) {
                assertThat(reversed).as(name).isNotEqualTo(new float[reversed.length]);
              }
            });
  }

  @Test
  void postsWithoutAnEventTakeNoPartInTheEventLoss() {
    try (Eann eann = eann(1, 3);
        NDManager manager = NDManager.newBaseManager()) {
      assertThat(losses(eann, manager, -1, -1, -1, -1, -1, -1).parts().get("event").getFloat())
          .isZero();
      float first = losses(eann, manager, 2, -1, -1, -1, -1, -1).parts().get("event").getFloat();
      float last = losses(eann, manager, -1, -1, -1, -1, -1, 0).parts().get("event").getFloat();
      assertThat(losses(eann, manager, 2, -1, -1, -1, -1, 0).parts().get("event").getFloat())
          .isCloseTo((first + last) / 2, within(1e-6f));
    }
  }

  @Test
  void withoutEventsThereIsNoDiscriminator() {
    try (Eann eann = eann(1, 0);
        NDManager manager = NDManager.newBaseManager()) {
      assertThat(eann.parameters().keySet()).noneMatch(name -> name.startsWith("event"));
      assertThat(losses(eann, manager, -1, -1, -1, -1, -1, -1).parts())
          .containsOnlyKeys("classification");
    }
  }

  @Test
  void aRisingFactorStartsAtZeroAndEndsNearItsValue() {
    try (Eann eann =
        new Eann(
            Toys.context(
                new Eann.Factory(),
                Toys.VIEWS,
                2,
                settings -> settings.with(Eann.SCHEDULE, "rising").with(Eann.LAMBDA, 2.0)))) {
      assertThat(eann.lambda(1)).isZero();
      // p = 0.1: 2 / (1 + 1/e) − 1 = 0.46212
      assertThat(eann.lambda(11)).isCloseTo(2 * 0.46212, within(1e-5));
      assertThat(eann.lambda(101)).isCloseTo(2, within(1e-3));
    }
  }

  @Test
  void theTextAloneKeepsTheDiscriminatorAndReadsNoImage() {
    try (Eann eann =
            new Eann(
                Toys.context(
                    new Eann.Factory(), List.of(Toys.VIEWS.get(0)), 3, settings -> settings));
        NDManager manager = NDManager.newBaseManager()) {
      assertThat(eann.parameters().keySet()).noneMatch(name -> name.startsWith("image"));
      assertThat(eann.parameters().get("class.weight").getShape().get(1)).isEqualTo(32);
      assertThat(losses(eann, manager, 0, 1, 2, 0, 1, 2).parts()).containsKey("event");
    }
  }
}
