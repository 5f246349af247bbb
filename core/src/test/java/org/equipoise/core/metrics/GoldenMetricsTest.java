package org.equipoise.core.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.equipoise.core.io.Json;
import org.equipoise.testing.Folders;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("golden")
class GoldenMetricsTest {
  private static final double RELATIVE = 1e-9;

  @ParameterizedTest(name = "{0}")
  @MethodSource("metrics")
  void metricsAgreeWithTheReference(String name, JsonNode expected) {
    List<String> classes = texts(expected.get("classes"));
    int[] labels = numbers(classes, expected.get("label"));
    int[] predictions = numbers(classes, expected.get("prediction"));

    Metrics metrics = Metrics.of(classes, labels, predictions, matrix(expected.get("probability")));

    assertClose(metrics.accuracy(), expected.get("accuracy"));
    assertClose(metrics.macroF1(), expected.get("macro_f1"));
    assertClose(metrics.rocAuc(), expected.get("roc_auc"));
    for (String c : classes) {
      JsonNode reference = expected.get("per_class").get(c);
      assertClose(metrics.classes().get(c).precision(), reference.get("precision"));
      assertClose(metrics.classes().get(c).recall(), reference.get("recall"));
      assertClose(metrics.classes().get(c).f1(), reference.get("f1"));
      assertThat(metrics.classes().get(c).support()).isEqualTo(reference.get("support").asInt());
    }
    assertThat(Json.MAPPER.<JsonNode>valueToTree(metrics.confusion().counts()))
        .isEqualTo(expected.get("confusion"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("calibration")
  void calibrationAgreesWithTheReference(String name, JsonNode expected) {
    int[] labels = Json.MAPPER.convertValue(expected.get("label"), int[].class);
    double[][] probabilities =
        expected.has("logits")
            ? softmax(matrix(expected.get("logits")))
            : matrix(expected.get("probability"));

    Calibration calibration = Calibration.of(labels, probabilities);

    assertThat(calibration.bins()).hasSize(expected.get("bins").size());
    for (int b = 0; b < calibration.bins().size(); b++) {
      JsonNode reference = expected.get("bins").get(b);
      Calibration.Bin bin = calibration.bins().get(b);
      assertThat(bin.posts()).isEqualTo(reference.get("count").asInt());
      assertClose(bin.accuracy(), reference.get("accuracy"));
      assertClose(bin.confidence(), reference.get("confidence"));
    }
    assertClose(calibration.ece(), expected.get("ece"));
    if (expected.has("nll")) {
      assertClose(calibration.nll(), expected.get("nll"));
    }
    if (expected.has("brier")) {
      assertClose(calibration.brier(), expected.get("brier"));
    }
  }

  private static void assertClose(OptionalDouble actual, JsonNode expected) {
    if (expected.isNull()) {
      assertThat(actual).isEmpty();
    } else {
      assertClose(actual.orElseThrow(), expected);
    }
  }

  private static void assertClose(double actual, JsonNode expected) {
    assertThat(actual).isCloseTo(expected.asDouble(), tolerance(expected.asDouble()));
  }

  private static Offset<Double> tolerance(double expected) {
    return within(RELATIVE * Math.max(Math.abs(expected), RELATIVE));
  }

  static Stream<Arguments> metrics() {
    return cases("metrics.json");
  }

  static Stream<Arguments> calibration() {
    return cases("calibration.json");
  }

  private static Stream<Arguments> cases(String file) {
    JsonNode cases = Json.read(Folders.golden().resolve("statistics").resolve(file)).get("cases");
    List<Arguments> arguments = new ArrayList<>();
    cases.forEach(c -> arguments.add(Arguments.of(c.get("name").asText(), c)));
    return arguments.stream();
  }

  private static List<String> texts(JsonNode node) {
    return List.of(Json.MAPPER.convertValue(node, String[].class));
  }

  private static int[] numbers(List<String> classes, JsonNode names) {
    return texts(names).stream().mapToInt(classes::indexOf).toArray();
  }

  private static double[][] matrix(JsonNode node) {
    return Json.MAPPER.convertValue(node, double[][].class);
  }

  private static double[][] softmax(double[][] logits) {
    double[][] result = new double[logits.length][];
    for (int i = 0; i < logits.length; i++) {
      double largest = Arrays.stream(logits[i]).max().orElseThrow();
      double[] p = Arrays.stream(logits[i]).map(x -> Math.exp(x - largest)).toArray();
      double sum = Arrays.stream(p).sum();
      result[i] = Arrays.stream(p).map(x -> x / sum).toArray();
    }
    return result;
  }
}
