package org.equipoise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.equipoise.core.io.Json;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvaluationTextTest {
  @ParameterizedTest
  @CsvSource({
    "0.02, 0.09, beaten",
    "-0.01, 0.10, not clearly beaten",
    "-0.10, -0.01, not beaten",
  })
  void a_floor_is_beaten_where_the_whole_interval_of_the_difference_is_above_0(
      double low, double high, String words) {
    ObjectNode evaluation = Json.MAPPER.createObjectNode();
    evaluation.put("accuracy", 0.5);
    evaluation.putObject("floors").putObject("linear").put("accuracy", 0.45).put("macro_f1", 0.4);
    evaluation
        .putObject("intervals")
        .putObject("above_floors")
        .putObject("linear")
        .putArray("accuracy")
        .add(low)
        .add(high);

    assertThat(EvaluationText.lines(evaluation))
        .filteredOn(line -> line.startsWith("floor linear"))
        .singleElement()
        .asString()
        .matches("floor linear +0\\.450 +0\\.400 +" + words + "(:.*)?");
  }
}
