package org.equipoise.systems.mrml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.equipoise.core.Modality;
import org.equipoise.systems.DetectionSystem.Targets;
import org.equipoise.systems.Toys;
import org.equipoise.systems.engine.Engines;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class MrmlTest {
  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  private static MetricLosses metrics(NDManager manager, long... labels) {
    return new MetricLosses(manager.create(labels), Optional.empty());
  }

  @Test
  void thePairwiseLossTakesTheWorstPairOfDifferentLabelsInEachRowAndColumn() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray similarity =
          manager.create(
              new float[][] {
                {0.5f, 0.9f, 0.6f},
                {0.9f, 0.7f, 0.1f},
                {0.4f, 0.8f, 0.9f}
              });
      // labels 0 0 1: rows 0.2+0.6−0.5, (0.2+0.1−0.7 < 0) 0, 0.2+0.8−0.9 (0.4 costs nothing);
      // columns 0.2+0.4−0.5, 0.2+0.8−0.7, (0.2+0.6−0.9 < 0) 0
      assertThat(metrics(manager, 0, 0, 1).pairwise(similarity).getFloat())
          .isCloseTo((0.3f + 0.1f + 0.1f + 0.3f) / 3, within(1e-6f));
      assertThat(metrics(manager, 1, 1, 1).pairwise(similarity).getFloat()).isZero();
    }
  }

  @Test
  void theTripletLossChoosesByOneModalityAndMeasuresInTheOther() {
    try (NDManager manager = NDManager.newBaseManager()) {
      // by direction: 0 resembles 1 more than 2, and 3 more than 4
      NDArray direct = manager.create(new float[][] {{1, 0}, {9, 1}, {1, 1}, {9, 2}, {-1, 1}});
      NDArray embedding = manager.create(new float[][] {{0}, {1}, {100}, {0.5f}, {50}});
      MetricLosses metrics = metrics(manager, 0, 0, 0, 1, 1);
      assertThat(MetricLosses.nearest(direct, metrics.same()).toLongArray())
          .containsExactly(1, 0, 1, 4, 3);
      assertThat(MetricLosses.nearest(direct, metrics.different()).toLongArray())
          .containsExactly(3, 3, 3, 1, 2);
      // 1 − 0.25; 1 − 0.25; 9801 − 9900.25; 2450.25 − 0.25; 2450.25 − 2500, all within ±5
      double expected =
          IntStream.range(0, 5)
              .mapToDouble(i -> new double[] {0.75, 0.75, -5, 5, -5}[i])
              .map(q -> 0.2 + 1 / (1 + Math.exp(-q)))
              .average()
              .orElseThrow();
      assertThat(metrics.triplet(direct, embedding).getFloat())
          .isCloseTo((float) expected, within(1e-5f));
    }
  }

  @Test
  void labelsDecideWhoAttractsAndWhoRepels() {
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      NDArray direct = manager.create(new float[][] {{1, 0}, {1, 0.1f}, {1, -0.1f}});
      NDArray embedding = manager.create(new float[][] {{0}, {1}, {-1}});
      embedding.setRequiresGradient(true);
      collector.backward(metrics(manager, 0, 0, 1).triplet(direct, embedding));
      float[] gradient = embedding.getGradient().toFloatArray();
      // against the gradient, post 1 goes down towards 0 and post 2 down away from it
      assertThat(gradient[1]).isPositive();
      assertThat(gradient[2]).isPositive();
    }
  }

  @Test
  void withoutACompanionOrAnOpponentThereIsNoTriplet() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x = manager.create(new float[][] {{1, 0}, {2, 1}, {0, 1}});
      assertThat(metrics(manager, 0, 0, 0).triplet(x, x).getFloat()).isZero();
      assertThat(metrics(manager, 0, 1, 2).triplet(x, x).getFloat()).isZero();
    }
  }

  @Test
  void postsThatLackAModalityAreComparedWithNobody() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray all = manager.randomNormal(new ai.djl.ndarray.types.Shape(5, 3));
      NDArray four = all.get(":4");
      NDArray complete = manager.create(new float[] {1, 1, 1, 1, 0});
      MetricLosses lacking =
          new MetricLosses(manager.create(new long[] {0, 1, 0, 1, 0}), Optional.of(complete));
      MetricLosses whole = metrics(manager, 0, 1, 0, 1);
      assertThat(lacking.triplet(all, all).getFloat())
          .isCloseTo(whole.triplet(four, four).getFloat(), within(1e-6f));
      NDArray similarity = all.matMul(all.transpose());
      assertThat(lacking.pairwise(similarity).getFloat())
          .isCloseTo(whole.pairwise(similarity.get(":4, :4")).getFloat(), within(1e-6f));
    }
  }

  @Test
  void modalitiesTakeTurnsEveryTwoEpochs() {
    assertThat(IntStream.rangeClosed(1, 9).mapToObj(Mrml::direct))
        .containsExactly(
            Modality.TEXT,
            Modality.TEXT,
            Modality.IMAGE,
            Modality.IMAGE,
            Modality.TEXT,
            Modality.TEXT,
            Modality.IMAGE,
            Modality.IMAGE,
            Modality.TEXT);
  }

  @Test
  void theDirectModalitysEmbeddingRestsInItsTurn() {
    try (Mrml mrml =
            new Mrml(Toys.context(new Mrml.Factory(), Toys.VIEWS, 0, settings -> settings));
        NDManager manager = NDManager.newBaseManager()) {
      for (int epoch : new int[] {1, 3, 5}) {
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
          collector.backward(
              mrml.losses(
                      mrml.forward(Toys.batch(manager, Toys.random(new Random(2), 3, 6), 0), true),
                      new Targets(manager.create(Toys.labels(6, 2)), Optional.empty(), epoch))
                  .total());
        }
        String resting = epoch == 3 ? "dist_image" : "dist_text";
        assertThat(mrml.rates())
            .containsOnlyKeys(resting + ".weight", resting + ".bias")
            .allSatisfy((name, rate) -> assertThat(rate).isZero());
        for (String name : List.of("dist_image.weight", "dist_text.weight")) {
          try (NDArray gradient = mrml.parameters().get(name).getGradient()) {
            assertThat(gradient.abs().max().getFloat() > 0)
                .as(name + " in epoch " + epoch)
                .isEqualTo(!name.startsWith(resting));
            gradient.toByteBuffer(true).asFloatBuffer().put(new float[(int) gradient.size()]);
          }
        }
      }
    }
  }

  @Test
  void oneModalityAloneHasNothingToCompare() {
    try (Mrml mrml =
            new Mrml(
                Toys.context(
                    new Mrml.Factory(), List.of(Toys.VIEWS.get(0)), 0, settings -> settings));
        NDManager manager = NDManager.newBaseManager()) {
      assertThat(mrml.rates()).isEmpty();
      assertThat(mrml.parameters().keySet())
          .noneMatch(name -> name.contains("image") || name.startsWith("dist"));
      assertThat(
              mrml.losses(
                      mrml.forward(Toys.batch(manager, Toys.random(new Random(2), 3, 6), 0), true),
                      manager.create(Toys.labels(6, 2)))
                  .parts())
          .containsOnlyKeys("classification", "probe");
    }
  }
}
