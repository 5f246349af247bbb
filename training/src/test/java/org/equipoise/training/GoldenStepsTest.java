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
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.engine.Engines;
import org.equipoise.systems.golden.GoldenCase;
import org.equipoise.training.balance.Balance;
import org.equipoise.training.balance.Balancer;
import org.equipoise.training.balance.Mib;
import org.equipoise.training.balance.Unbalanced;
import org.equipoise.training.optimizer.Adam;
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
      Balance balance =
          new Mib(golden.config().get("alpha1").asDouble()).observe(output, golden.labels());
      for (String view : balance.figures().s().keySet()) {
        assertThat(balance.figures().s().get(view))
            .isCloseTo(golden.tensor("mib.s." + view)[0], within(1e-5));
        assertThat(balance.figures().rho().get(view))
            .isCloseTo(golden.tensor("mib.rho." + view)[0], within(1e-5));
        assertThat(balance.factors().get(view))
            .isCloseTo(golden.tensor("mib.k." + view)[0], within(1e-5));
      }
      assertThat(balance.figures().s()).hasSize(golden.names("mib.s.").size());
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

  private static void assertSteps(GoldenCase golden, Balancer balancer, String prefix) {
    JsonNode config = golden.config();
    double learningRate = config.get("learning_rate").asDouble();
    double[] expectedLosses = golden.tensor(prefix + "losses");
    Map<String, float[]> firstGradients = new HashMap<>();
    try (NDManager manager = NDManager.newBaseManager();
        DetectionSystem system = golden.build();
        Adam adam =
            new Adam(system.parameters(), learningRate, config.get("weight_decay").asDouble(), 2)) {
      Map<String, String> viewOf = new HashMap<>();
      system.branches().forEach((view, names) -> names.forEach(name -> viewOf.put(name, view)));
      for (int step = 0; step < golden.steps(); step++) {
        try (NDManager scope = manager.newSubManager();
            GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
          DetectionSystem.Output output = system.forward(golden.input(scope), true);
          DetectionSystem.Losses losses = system.losses(output, golden.labels(scope));
          gradients.backward(losses.total());
          assertThat((double) losses.total().getFloat())
              .isCloseTo(expectedLosses[step], within(STEP_TOLERANCE));
          if (step == 0) {
            system.parameters().forEach((name, array) -> keep(firstGradients, name, array));
          }
          Balance balance = balancer.observe(output, golden.labels());
          adam.step(name -> balance.factors().getOrDefault(viewOf.getOrDefault(name, ""), 1.0));
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

  private static void keep(Map<String, float[]> gradients, String name, NDArray parameter) {
    try (NDArray gradient = parameter.getGradient()) {
      gradients.put(name, gradient.toFloatArray());
    }
  }
}
