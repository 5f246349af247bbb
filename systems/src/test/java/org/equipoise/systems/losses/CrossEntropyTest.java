package org.equipoise.systems.losses;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.equipoise.systems.engine.Engines;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CrossEntropyTest {
  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  @Test
  void isTheMeanNegativeLogProbabilityOfTheTruth() {
    try (NDManager manager = NDManager.newBaseManager()) {
      // softmax(ln 1, ln 3) = (1/4, 3/4); softmax(0, 0) = (1/2, 1/2)
      NDArray logits = manager.create(new float[][] {{0, (float) Math.log(3)}, {0, 0}});
      NDArray labels = manager.create(new long[] {0, 1});
      assertThat((double) CrossEntropy.of(logits, labels).getFloat())
          .isCloseTo((Math.log(4) + Math.log(2)) / 2, within(1e-6));
    }
  }

  @Test
  void hugeLogitsDoNotOverflow() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray logits = manager.create(new float[][] {{1e30f, 0}});
      assertThat(CrossEntropy.of(logits, manager.create(new long[] {0})).getFloat()).isZero();
    }
  }
}
