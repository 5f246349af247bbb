package org.equipoise.lab.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BootstrapTest {
  private static final List<String> CLASSES = List.of("fake", "real");

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void independentPostsGiveTheNormalInterval(long seed) {
    int n = 2000;
    int[] labels = new int[n];
    int[] predictions = IntStream.range(0, n).map(i -> i % 5 == 0 ? 1 : 0).toArray();

    Bootstrap bootstrap = Bootstrap.of(CLASSES, labels, predictions, Map.of(), posts(n), seed);

    double halfWidth = 1.96 * Math.sqrt(0.8 * 0.2 / n);
    assertThat(bootstrap.accuracy().low()).isCloseTo(0.8 - halfWidth, within(0.0025));
    assertThat(bootstrap.accuracy().high()).isCloseTo(0.8 + halfWidth, within(0.0025));
  }

  @Test
  void twoImagesOneRightOneWrongTellNothing() {
    int[] labels = new int[100];
    int[] predictions = IntStream.range(0, 100).map(i -> i % 2).toArray();

    Bootstrap bootstrap = Bootstrap.of(CLASSES, labels, predictions, Map.of(), images(100, 2), 1);

    assertThat(bootstrap.clusters()).isEqualTo(Clusters.By.IMAGE);
    assertThat(bootstrap.clusterCount()).isEqualTo(2);
    assertThat(bootstrap.accuracy()).isEqualTo(new Interval(0, 1));
  }

  @Test
  void repeatingEveryPostDoesNotMakeTheFiguresSurer() {
    Random random = new Random(5);
    int[] labels = random.ints(60, 0, 2).toArray();
    int[] predictions = random.ints(60, 0, 2).toArray();
    int[] tenLabels = IntStream.range(0, 600).map(i -> labels[i % 60]).toArray();
    int[] tenPredictions = IntStream.range(0, 600).map(i -> predictions[i % 60]).toArray();

    Bootstrap once = Bootstrap.of(CLASSES, labels, predictions, Map.of(), images(60, 60), 7);
    Bootstrap tenTimes =
        Bootstrap.of(CLASSES, tenLabels, tenPredictions, Map.of(), images(600, 60), 7);

    assertThat(tenTimes).isEqualTo(once);
  }

  @Test
  void aDifferenceIsTakenOnTheSamePosts() {
    Random random = new Random(6);
    int[] labels = random.ints(300, 0, 2).toArray();
    int[] same = random.ints(300, 0, 2).toArray();
    int[] wrong = IntStream.of(labels).map(label -> 1 - label).toArray();

    Bootstrap bootstrap =
        Bootstrap.of(CLASSES, labels, same, Map.of("same", same, "wrong", wrong), posts(300), 1);

    assertThat(bootstrap.aboveFloors().get("same").accuracy()).isEqualTo(new Interval(0, 0));
    assertThat(bootstrap.aboveFloors().get("wrong").accuracy()).isEqualTo(bootstrap.accuracy());
  }

  @Test
  void theSameSeedDrawsTheSame() {
    int[] labels = new int[50];
    int[] predictions = IntStream.range(0, 50).map(i -> i % 3 == 0 ? 1 : 0).toArray();

    assertThat(Bootstrap.of(CLASSES, labels, predictions, Map.of(), posts(50), 3))
        .isEqualTo(Bootstrap.of(CLASSES, labels, predictions, Map.of(), posts(50), 3));
  }

  @Test
  void tenEventsAreDrawnAndNineAreNot() {
    List<Optional<String>> images = IntStream.range(0, 40).mapToObj(i -> image(i % 3)).toList();
    List<Optional<String>> ten = IntStream.range(0, 40).mapToObj(i -> image(i % 10)).toList();
    List<Optional<String>> nine = IntStream.range(0, 40).mapToObj(i -> image(i % 9)).toList();

    assertThat(Clusters.of(ten, images).by()).isEqualTo(Clusters.By.EVENT);
    assertThat(Clusters.of(ten, images).count()).isEqualTo(10);
    assertThat(Clusters.of(nine, images).by()).isEqualTo(Clusters.By.IMAGE);
    assertThat(Clusters.of(nine, images).count()).isEqualTo(3);
  }

  @Test
  void postsWithoutAnImageStandAlone() {
    Clusters clusters =
        Clusters.of(
            List.of(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()),
            List.of(image(1), Optional.empty(), image(1), Optional.empty()));

    assertThat(clusters.ids()).containsExactly(0, 1, 0, 2);
  }

  private static Clusters posts(int n) {
    return new Clusters(Clusters.By.POST, IntStream.range(0, n).toArray(), n);
  }

  private static Clusters images(int n, int images) {
    return Clusters.of(
        IntStream.range(0, n).mapToObj(i -> Optional.<String>empty()).toList(),
        IntStream.range(0, n).mapToObj(i -> image(i % images)).toList());
  }

  private static Optional<String> image(int number) {
    return Optional.of("image-" + number);
  }
}
