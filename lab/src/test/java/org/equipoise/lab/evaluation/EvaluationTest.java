package org.equipoise.lab.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.equipoise.core.io.Json;
import org.junit.jupiter.api.Test;

class EvaluationTest {
  private static final List<String> CLASSES = List.of("fake", "real");

  @Test
  void theJsonHasTheFieldsOfTheContract() throws Exception {
    Evaluation evaluation =
        Evaluation.builder("twitter:posts", "event-disjoint", CLASSES)
            .skipped(3)
            .posts(
                new int[] {0, 0, 1, 1},
                List.of(Optional.of("a"), Optional.of("a"), Optional.of("b"), Optional.empty()),
                List.of(Optional.of("x"), Optional.of("x"), Optional.of("y"), Optional.empty()))
            .probabilities(new double[][] {{0.9, 0.1}, {0.3, 0.7}, {0.2, 0.8}, {0.1, 0.9}})
            .last(new double[][] {{0.9, 0.1}, {0.7, 0.3}, {0.2, 0.8}, {0.1, 0.9}})
            .floor("majority", new int[] {0, 0, 0, 0})
            .seed(1)
            .build();

    JsonNode json = Json.MAPPER.readTree(Json.line(evaluation.toJson()));

    assertThat(json.properties().stream().map(Map.Entry::getKey))
        .containsExactly(
            "format_version",
            "data",
            "protocol",
            "posts",
            "skipped",
            "accuracy",
            "macro_f1",
            "roc_auc",
            "ece",
            "classes",
            "confusion",
            "events",
            "floors",
            "intervals",
            "last");
    assertThat(json.get("posts").asInt()).isEqualTo(4);
    assertThat(json.get("accuracy").asDouble()).isEqualTo(0.75);
    assertThat(json.get("events").toString())
        .isEqualTo("{\"a\":{\"posts\":2,\"accuracy\":0.5},\"b\":{\"posts\":1,\"accuracy\":1.0}}");
    assertThat(json.get("floors").toString())
        .isEqualTo("{\"majority\":{\"accuracy\":0.5,\"macro_f1\":0.3333333333333333}}");
    assertThat(json.get("last").get("accuracy").asDouble()).isEqualTo(1);
    JsonNode intervals = json.get("intervals");
    assertThat(intervals.get("clusters").asText()).isEqualTo("image");
    assertThat(intervals.get("cluster_count").asInt()).isEqualTo(3);
    assertThat(intervals.get("accuracy").get(0).asDouble()).isLessThan(0.75);
    assertThat(intervals.get("above_floors").get("majority").get("macro_f1").size()).isEqualTo(2);
  }
}
