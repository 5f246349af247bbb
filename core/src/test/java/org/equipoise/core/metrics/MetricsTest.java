package org.equipoise.core.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.equipoise.core.io.Json;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final List<String> CLASSES = List.of("fake", "real");

  @Test
  void figuresAreThoseCountedByHand() {
    // fake: 2 of 3 found, 1 real called fake
    int[] labels = {0, 0, 0, 1};
    double[][] p = {{0.9, 0.1}, {0.6, 0.4}, {0.2, 0.8}, {0.7, 0.3}};

    Metrics metrics = Metrics.of(CLASSES, labels, p);

    assertThat(metrics.accuracy()).isEqualTo(0.5);
    assertThat(metrics.classes().get("fake"))
        .isEqualTo(new ClassMetrics(2 / 3.0, 2 / 3.0, 2 / 3.0, 3));
    assertThat(metrics.classes().get("real")).isEqualTo(new ClassMetrics(0, 0, 0, 1));
    assertThat(metrics.macroF1()).isCloseTo(1 / 3.0, within(1e-15));
    assertThat(metrics.rocAuc().orElseThrow()).isCloseTo(1 / 3.0, within(1e-15));
    assertThat(metrics.confusion().counts()).isEqualTo(List.of(List.of(2, 1), List.of(1, 0)));
  }

  @Test
  void anEvenChoiceGoesToTheFirstClass() {
    assertThat(Metrics.predictions(new double[][] {{0.5, 0.5}, {0.2, 0.4, 0.4}}))
        .containsExactly(0, 1);
  }

  @Test
  void anUndefinedAreaIsNullInJson() {
    String json =
        Json.line(Metrics.of(CLASSES, new int[] {0}, new double[][] {{0.75, 0.25}}).toJson());

    assertThat(json)
        .isEqualTo(
            "{\"posts\":1,\"accuracy\":1.0,\"macro_f1\":1.0,\"roc_auc\":null,\"ece\":0.25,"
                + "\"classes\":{\"fake\":{\"precision\":1.0,\"recall\":1.0,\"f1\":1.0,"
                + "\"support\":1},\"real\":{\"precision\":0.0,\"recall\":0.0,\"f1\":0.0,"
                + "\"support\":0}},\"confusion\":{\"labels\":[\"fake\",\"real\"],"
                + "\"counts\":[[1,0],[0,0]]}}");
  }

  @Test
  void aConfidenceOnAnEdgeBelongsToTheLowerBin() {
    Calibration calibration =
        Calibration.of(new int[] {0, 0}, new double[][] {{9 / 15.0, 6 / 15.0}, {1, 0}});

    assertThat(calibration.bins().get(8).posts()).isEqualTo(1);
    assertThat(calibration.bins().get(14).posts()).isEqualTo(1);
    assertThat(calibration.ece()).isCloseTo(0.2, within(1e-15));
    assertThat(calibration.brier()).isCloseTo(0.16, within(1e-15));
  }

  @Test
  void eventsAreMeasuredEachByItself() {
    Map<String, EventMetrics> events =
        EventMetrics.of(
            List.of(Optional.of("b"), Optional.of("a"), Optional.empty(), Optional.of("b")),
            new int[] {0, 1, 1, 1},
            new int[] {0, 0, 1, 0});

    assertThat(events)
        .containsExactly(
            Map.entry("a", new EventMetrics(1, 0)), Map.entry("b", new EventMetrics(2, 0.5)));
  }

  @Test
  void whatCannotBeMeasuredIsRefused() {
    assertThatThrownBy(() -> Metrics.of(CLASSES, new int[0], new double[0][]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Metrics.of(CLASSES, new int[] {2}, new double[][] {{0.5, 0.5}}))
        .hasMessageContaining("post 0 has label 2");
    assertThatThrownBy(() -> Metrics.of(CLASSES, new int[] {1}, new double[][] {{Double.NaN, 0.5}}))
        .hasMessageContaining("no number");
  }
}
