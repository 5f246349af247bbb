package org.equipoise.lab.floors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.Progress;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.features.SelectedFeatures;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FloorsTest {
  private static final View TEXT = new View("text", Modality.TEXT, Kind.SEMANTIC, 3);
  private static final View IMAGE = new View("image", Modality.IMAGE, Kind.PATTERN, 2);
  private static final List<String> CLASSES = List.of("fake", "real");

  @TempDir Path folder;

  @Test
  void theLinearFloorSeesWhatOneViewTellsAndTheMajorityDoesNot() {
    World world = new World(300, 1);
    Floors floors = world.fit(200, 50);

    var predictions = floors.predict(world.posts(250, 300));

    assertThat(predictions).containsOnlyKeys(Floors.MAJORITY, Floors.LINEAR);
    assertThat(right(predictions.get(Floors.LINEAR), world, 250)).isGreaterThan(45);
    assertThat(predictions.get(Floors.MAJORITY)).containsOnly(commonest(world, 200));
  }

  @Test
  void floorsReadFromAFolderAnswerAsTheyDidWhenFitted() throws IOException {
    World world = new World(120, 2);
    Floors floors = world.fit(80, 20);
    floors.write(folder);

    Floors read = Floors.read(folder);

    assertThat(read.classes()).isEqualTo(CLASSES);
    assertThat(read.c()).isEqualTo(floors.c());
    var expected = floors.predict(world.posts(0, 120));
    read.predict(world.posts(0, 120))
        .forEach((name, predictions) -> assertThat(predictions).isEqualTo(expected.get(name)));
  }

  @Test
  void aDamagedFileIsNamed() throws IOException {
    World world = new World(60, 3);
    world.fit(40, 10).write(folder);
    byte[] bytes = Files.readAllBytes(folder.resolve(Floors.FILE));
    bytes[bytes.length - 1] ^= 1;
    Files.write(folder.resolve(Floors.FILE), bytes);

    assertThatThrownBy(() -> Floors.read(folder))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining(Floors.FILE);
  }

  @Test
  void columnsAreStandardisedOverThePostsThatHaveThem() {
    ArrayFeatures source =
        new ArrayFeatures(
            List.of(TEXT, IMAGE),
            new float[][][] {{{1, 5, 0}, {4, 8}}, {{3, 5, 0}, null}, {{5, 5, 6}, {8, 8}}});

    JoinedViews.Fit fit = JoinedViews.fit(source);

    float deviation = (float) Math.sqrt(8 / 3.0);
    float presence = (float) Math.sqrt(2 / 9.0);
    assertThat(fit.joined().mean()).containsExactly(3, 5, 2, 1, 6, 8, 2 / 3f);
    assertThat(fit.rows()[0])
        .containsExactly(
            new float[] {-2 / deviation, 0, (float) -Math.sqrt(0.5), 0, -1, 0, 1 / 3f / presence},
            within(1e-6f));
    assertThat(fit.rows()[1])
        .containsExactly(
            new float[] {0, 0, (float) -Math.sqrt(0.5), 0, 0, 0, -2 / 3f / presence},
            within(1e-6f));
  }

  @Test
  void tokensAreAveragedOverThoseThatAreThere() {
    ArrayFeatures source =
        new ArrayFeatures(
            List.of(IMAGE), new float[][][] {{{1, 2, 3, 6}}, {{4, 4}}, {{0, 0, 0, 0, 9, 3}}});

    JoinedViews.Fit fit = JoinedViews.fit(source);

    // means of the posts: (2, 4), (4, 4), (3, 1)
    assertThat(fit.joined().mean()).containsExactly(3, 3, 1);
    assertThat(fit.rows()[1][0]).isCloseTo((float) Math.sqrt(1.5), within(1e-6f));
  }

  @Test
  void featuresThatLackAViewAreRefused() {
    World world = new World(60, 4);
    Floors floors = world.fit(40, 10);
    var textOnly = new SelectedFeatures(world.features, new int[] {0, 1}, List.of(TEXT));

    assertThatThrownBy(() -> floors.predict(textOnly))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("image");
  }

  private static int right(int[] predictions, World world, int from) {
    return (int)
        IntStream.range(0, predictions.length)
            .filter(i -> predictions[i] == world.labels[from + i])
            .count();
  }

  private static int commonest(World world, int end) {
    return IntStream.range(0, end).map(i -> world.labels[i]).sum() * 2 > end ? 1 : 0;
  }

  /** Posts whose first number decides the label; every fifth lacks the image. */
  private static final class World {
    private final ArrayFeatures features;
    private final int[] labels;

    World(int posts, long seed) {
      Random random = new Random(seed);
      float[][][] values = new float[posts][2][];
      labels = new int[posts];
      for (int i = 0; i < posts; i++) {
        values[i][0] = new float[] {gaussian(random), gaussian(random), gaussian(random)};
        values[i][1] = i % 5 == 4 ? null : new float[] {gaussian(random), 1};
        labels[i] = values[i][0][0] > 0.3 ? 1 : 0;
      }
      features = new ArrayFeatures(List.of(TEXT, IMAGE), values);
    }

    SelectedFeatures posts(int from, int to) {
      return new SelectedFeatures(features, IntStream.range(from, to).toArray(), features.views());
    }

    Floors fit(int training, int validation) {
      return Floors.fit(
          CLASSES,
          posts(0, training),
          IntStream.range(0, training).map(i -> labels[i]).toArray(),
          posts(training, training + validation),
          IntStream.range(training, training + validation).map(i -> labels[i]).toArray(),
          2,
          Progress.NONE);
    }

    private static float gaussian(Random random) {
      return (float) random.nextGaussian();
    }
  }
}
