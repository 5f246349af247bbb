package org.equipoise.systems.bmr;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PairsTest {
  private static final int[] SIX = {0, 1, 2, 3, 4, 5};

  private static float[][] pictures(float... numbers) {
    float[][] pictures = new float[numbers.length][];
    for (int i = 0; i < numbers.length; i++) {
      pictures[i] = new float[] {numbers[i], 1};
    }
    return pictures;
  }

  private static Optional<Pairs> draw(
      int[] posts, Optional<long[]> events, float[][] pictures, long seed) {
    return Pairs.draw(posts, events, pictures, new SplittableRandom(seed));
  }

  @Test
  void thereAreAsManyMismatchedPairsAsMatchedAndTextsComeOnce() {
    for (int seed = 0; seed < 20; seed++) {
      Pairs pairs = draw(SIX, Optional.empty(), pictures(1, 2, 3, 4, 5, 6), seed).orElseThrow();
      assertThat(pairs.mismatched()).containsExactly(1, 1, 1, 0, 0, 0);
      assertThat(pairs.texts()).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5);
      for (int i = 0; i < 6; i++) {
        assertThat(pairs.texts()[i] == pairs.images()[i]).isEqualTo(pairs.mismatched()[i] == 0);
      }
    }
  }

  @Test
  void aMismatchedImageIsOfAnotherEventWhereEventsAreKnown() {
    long[] events = {0, 0, 1, 1, -1, -1};
    for (int seed = 0; seed < 50; seed++) {
      Pairs pairs = draw(SIX, Optional.of(events), pictures(1, 2, 3, 4, 5, 6), seed).orElseThrow();
      for (int i = 0; i < pairs.texts().length; i++) {
        long event = events[(int) pairs.texts()[i]];
        if (pairs.mismatched()[i] == 1 && event >= 0) {
          assertThat(events[(int) pairs.images()[i]]).isNotEqualTo(event);
        }
      }
    }
  }

  @Test
  void theSamePictureUnderAnotherTextIsNeverMismatched() {
    float[][] pictures = pictures(1, 1.000001f, 1, 2, 2, 2);
    for (int seed = 0; seed < 50; seed++) {
      Pairs pairs = draw(SIX, Optional.empty(), pictures, seed).orElseThrow();
      for (int i = 0; i < pairs.texts().length; i++) {
        if (pairs.mismatched()[i] == 1) {
          assertThat(pairs.texts()[i] < 3).isNotEqualTo(pairs.images()[i] < 3);
        }
      }
    }
  }

  @Test
  void postsThatMayNotTakePartAreInNoPair() {
    int[] some = {1, 3, 4, 5};
    Pairs pairs = draw(some, Optional.empty(), pictures(1, 2, 3, 4, 5, 6), 1).orElseThrow();
    assertThat(IntStream.of(0, 2).noneMatch(i -> holds(pairs, i))).isTrue();
    assertThat(pairs.mismatched()).containsExactly(1, 1, 0, 0);
  }

  private static boolean holds(Pairs pairs, int post) {
    return Arrays.stream(pairs.texts()).anyMatch(i -> i == post)
        || Arrays.stream(pairs.images()).anyMatch(i -> i == post);
  }

  @Test
  void withoutAnythingToMismatchThereAreNoPairs() {
    assertThat(draw(SIX, Optional.empty(), pictures(1, 1, 1, 1, 1, 1), 1)).isEmpty();
    long[] oneEvent = {2, 2, 2, 2, 2, 2};
    assertThat(draw(SIX, Optional.of(oneEvent), pictures(1, 2, 3, 4, 5, 6), 1)).isEmpty();
    assertThat(draw(new int[] {3}, Optional.empty(), pictures(1, 2, 3, 4), 1)).isEmpty();
    assertThat(draw(new int[0], Optional.empty(), pictures(1), 1)).isEmpty();
  }
}
