package org.equipoise.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.engine.Engines;
import org.equipoise.systems.golden.GoldenCase;
import org.equipoise.training.balance.Balancer;
import org.equipoise.training.balance.Learnt;
import org.equipoise.training.balance.Mib;
import org.equipoise.training.balance.Step;
import org.equipoise.training.balance.Unbalanced;
import org.equipoise.training.balance.ViewFigures;
import org.equipoise.training.optimizer.Adam;
import org.equipoise.training.optimizer.Gradients;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** MIB's figures and whole optimiser steps against an independent implementation. */
@Tag("golden")
class GoldenStepsTest {
  private static final double STEP_TOLERANCE = 1e-5;
  private static final double TINY_GRADIENT = 1e-6;

  @BeforeAll
  static void startEngine() {
    Engines.start(2);
  }

  static List<GoldenCase> cases() {
    return GoldenCase.discover();
  }

  static List<GoldenCase> casesWithSteps() {
    List<GoldenCase> cases = cases().stream().filter(golden -> golden.steps() > 0).toList();
    assertThat(cases).isNotEmpty();
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void mibFiguresAgree(GoldenCase golden) {
    try (NDManager manager = NDManager.newBaseManager();
        DetectionSystem system = golden.build()) {
      DetectionSystem.Output output = system.forward(golden.input(manager), false);
      ViewFigures figures = ViewFigures.of(output, golden.labels());
      Map<String, Double> factors =
          new Mib(golden.config().get("alpha1").asDouble()).factors(figures);
      for (String view : figures.s().keySet()) {
        assertThat(figures.s().get(view))
            .isCloseTo(golden.tensor("mib.s." + view)[0], within(1e-5));
        assertThat(figures.rho().get(view))
            .isCloseTo(golden.tensor("mib.rho." + view)[0], within(1e-5));
        assertThat(factors.get(view)).isCloseTo(golden.tensor("mib.k." + view)[0], within(1e-5));
      }
      assertThat(figures.s()).hasSize(golden.names("mib.s.").size());
    }
  }

  @ParameterizedTest
  @MethodSource("casesWithSteps")
  void stepsWithoutABalancerAgree(GoldenCase golden) {
    assertSteps(golden, new Unbalanced(), "after.");
  }

  @ParameterizedTest
  @MethodSource("casesWithSteps")
  void stepsWithMibAgree(GoldenCase golden) {
    if (!golden.names("after_mib.").isEmpty()) {
      assertSteps(golden, new Mib(golden.config().get("alpha1").asDouble()), "after_mib.");
    }
  }

  @SuppressWarnings("try") // the collector is there for what it switches on
  private static void assertSteps(GoldenCase golden, Balancer balancer, String prefix) {
    JsonNode config = golden.config();
    double learningRate = config.get("learning_rate").asDouble();
    double[] expectedLosses = golden.tensor(prefix + "losses");
    Map<String, float[]> firstGradients = new HashMap<>();
    try (NDManager manager = NDManager.newBaseManager();
        DetectionSystem system = golden.build();
        Adam adam =
            new Adam(system.parameters(), learningRate, config.get("weight_decay").asDouble(), 2)) {
      for (int step = 0; step < golden.steps(); step++) {
        try (NDManager scope = manager.newSubManager();
            GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
          NDArray labels = golden.labels(scope);
          Learnt learnt =
              balancer.learn(
                  new Step(
                      system,
                      scope,
                      golden.input(scope),
                      DetectionSystem.Targets.of(labels),
                      golden.labels(),
                      step,
                      golden.steps(),
                      new SplittableRandom(step),
                      balance -> {},
                      1));
          assertThat((double) learnt.losses().total().getFloat())
              .isCloseTo(expectedLosses[step], within(STEP_TOLERANCE));
          if (step == 0) {
            system
                .parameters()
                .forEach((name, array) -> firstGradients.put(name, Gradients.copy(array)));
          }
          adam.step(learnt.balance()::step);
        }
      }
      double reach = golden.steps() * learningRate;
      system
          .parameters()
          .forEach(
              (name, array) ->
                  golden.assertClose(
                      prefix + name,
                      array.toFloatArray(),
                      i ->
                          Math.abs(firstGradients.get(name)[i]) < TINY_GRADIENT
                              ? 2 * reach
                              : STEP_TOLERANCE));
    }
  }
}
