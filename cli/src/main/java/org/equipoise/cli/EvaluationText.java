package org.equipoise.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** An evaluation for people: the model beside its floors, then class by class. */
final class EvaluationText {
  private EvaluationText() {}

  /**
   * The lines of an evaluation.
   *
   * @param evaluation what {@code evaluate --json} prints
   */
  static List<String> lines(JsonNode evaluation) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%s, %s: %,d posts, %,d skipped",
            evaluation.path("data").asText(),
            evaluation.path("protocol").asText(),
            evaluation.path("posts").asInt(),
            evaluation.path("skipped").asInt()));
    lines.addAll(floors(evaluation));
    lines.addAll(classes(evaluation));
    return lines;
  }

  private static List<String> floors(JsonNode evaluation) {
    double accuracy = evaluation.path("accuracy").asDouble();
    TextTable table = new TextTable().row("", "accuracy", "macro-F1", "");
    JsonNode interval = evaluation.path("intervals").path("accuracy");
    table.row(
        "the model",
        figure(accuracy),
        figure(evaluation.path("macro_f1").asDouble()),
        interval.size() == 2
            ? "accuracy in 95 %% of resamples: %s to %s"
                .formatted(figure(interval.get(0).asDouble()), figure(interval.get(1).asDouble()))
            : "");
    evaluation
        .path("floors")
        .properties()
        .forEach(
            floor -> {
              double its = floor.getValue().path("accuracy").asDouble();
              table.row(
                  "floor " + floor.getKey(),
                  figure(its),
                  figure(floor.getValue().path("macro_f1").asDouble()),
                  comparison(
                      accuracy - its,
                      evaluation
                          .path("intervals")
                          .path("above_floors")
                          .path(floor.getKey())
                          .path("accuracy")));
            });
    return table.lines();
  }

  /** The words of the report: only an interval wholly on one side of 0 decides. */
  private static String comparison(double difference, JsonNode interval) {
    if (interval.path(0).asDouble(difference) > 0) {
      return "beaten";
    }
    return interval.path(1).asDouble(difference) < 0
        ? "not beaten: the model falls below it"
        : "not clearly beaten: the interval of the difference holds 0";
  }

  private static List<String> classes(JsonNode evaluation) {
    TextTable table = new TextTable().row("class", "precision", "recall", "F1", "posts");
    evaluation
        .path("classes")
        .properties()
        .forEach(
            entry -> {
              JsonNode of = entry.getValue();
              table.row(
                  entry.getKey(),
                  figure(of.path("precision").asDouble()),
                  figure(of.path("recall").asDouble()),
                  figure(of.path("f1").asDouble()),
                  String.format(Locale.ROOT, "%,d", of.path("support").asInt()));
            });
    return table.lines();
  }

  private static String figure(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
