package org.equipoise.systems.golden;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.nio.DoubleBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.equipoise.core.safetensors.SafetensorsFile;
import org.equipoise.systems.engine.Engines;
import org.equipoise.systems.layers.JointCorrelation;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("golden")
class CorrelationGoldenTest {
  private static final String LARGEST = ".largest_argument";

  /** A way of evaluating G w. */
  private record Way(String name, BiFunction<JointCorrelation, List<NDArray>, NDArray> evaluate) {
    @Override
    public String toString() {
      return name;
    }
  }

  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  private static SafetensorsFile file() {
    return SafetensorsFile.open(GoldenCase.folder().resolve("correlation.safetensors"));
  }

  static Stream<Arguments> waysAndScales() {
    List<Way> ways =
        List.of(
            new Way("chosen", JointCorrelation::correlate),
            new Way("exact", JointCorrelation::exact),
            new Way("interpolated", JointCorrelation::interpolated));
    List<String> scales =
        file().names().stream()
            .filter(name -> name.endsWith(LARGEST))
            .map(name -> name.substring(0, name.length() - LARGEST.length()))
            .toList();
    assertThat(scales).isNotEmpty();
    return scales.stream()
        .flatMap(
            scale ->
                ways.stream()
                    .filter(way -> interpolates(scale) || !way.name().equals("interpolated"))
                    .flatMap(
                        way ->
                            Stream.of(DataType.FLOAT32, DataType.FLOAT64)
                                .map(type -> Arguments.of(way, scale, type))));
  }

  /** Beyond this the polynomial's degree exceeds any width, and it is never chosen. */
  private static boolean interpolates(String scale) {
    return file().doubles(scale + LARGEST)[0] < 50;
  }

  @ParameterizedTest
  @MethodSource("waysAndScales")
  void resultAndGradientsAgree(Way way, String scale, DataType type) {
    SafetensorsFile golden = file();
    // rounding grows with the degree at the ends of the interval, hence the share of the largest
    double allowed = type == DataType.FLOAT32 ? 1e-5 : 1e-9;
    double share = type == DataType.FLOAT32 ? 1e-4 : 1e-9;
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      NDArray x = array(manager, golden, scale + ".x", type);
      NDArray other = array(manager, golden, scale + ".other", type);
      NDArray w = array(manager, golden, scale + ".w", type);
      NDArray upstream = array(manager, golden, scale + ".upstream", type);
      for (NDArray leaf : List.of(x, other, w)) {
        leaf.setRequiresGradient(true);
      }
      NDArray unused = w.zerosLike();
      JointCorrelation correlation = new JointCorrelation(List.of(w, unused));
      NDArray both = way.evaluate().apply(correlation, List.of(x, other));
      NDArray result = both.split(new long[] {x.getShape().get(1)}, 1).get(0);
      collector.backward(result.mul(upstream).sum());

      assertClose(golden, scale + ".result", result, allowed, 0);
      assertClose(golden, scale + ".gradient_x", x.getGradient(), allowed, share);
      assertClose(golden, scale + ".gradient_other", other.getGradient(), allowed, share);
      assertClose(golden, scale + ".gradient_w", w.getGradient(), allowed, share);
    }
  }

  private static NDArray array(
      NDManager manager, SafetensorsFile file, String name, DataType type) {
    return manager
        .create(
            DoubleBuffer.wrap(file.doubles(name)),
            new Shape(file.info(name).dimensions()),
            DataType.FLOAT64)
        .toType(type, false);
  }

  private static void assertClose(
      SafetensorsFile golden, String name, NDArray actual, double allowed, double relative) {
    double[] expected = golden.doubles(name);
    double[] values = Arrays.stream(actual.toArray()).mapToDouble(Number::doubleValue).toArray();
    assertThat(values).hasSameSizeAs(expected);
    double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    double worst = 0;
    for (int i = 0; i < expected.length; i++) {
      worst = Math.max(worst, Math.abs(expected[i] - values[i]));
    }
    assertThat(worst).as(name).isLessThan(allowed + relative * largest);
  }
}
