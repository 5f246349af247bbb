package org.equipoise.lab.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.io.Json;
import org.equipoise.core.metrics.Calibration;
import org.equipoise.lab.evaluation.Evaluation;

/**
 * What a run's folder says, as far as the report tells it.
 *
 * @param config {@code config.yaml} as text
 * @param provenance {@code provenance.json}
 * @param epochs the lines of {@code metrics.jsonl}
 * @param evaluation {@code evaluation.json}
 * @param calibration of the predictions
 * @param mistakes the predictions that were most confident and wrong, the most confident first
 */
record RunRecord(
    String config,
    JsonNode provenance,
    List<JsonNode> epochs,
    JsonNode evaluation,
    Calibration calibration,
    List<Mistake> mistakes) {
  private static final int MISTAKES = 10;

  /**
   * A post with the wrong verdict.
   *
   * @param predicted the class of largest probability
   * @param confidence that probability
   * @param line the line of {@code predictions.jsonl}
   */
  record Mistake(String id, String label, String predicted, double confidence, JsonNode line) {}

  /**
   * Reads a folder. Without {@code config.yaml} or {@code provenance.json} those parts are empty.
   *
   * @throws WrongUseException if the evaluation or the predictions are absent or unreadable
   */
  static RunRecord read(Path folder) throws IOException {
    JsonNode evaluation = Json.read(folder.resolve(Evaluation.FILE));
    Path config = folder.resolve("config.yaml");
    Path provenance = folder.resolve("provenance.json");
    Path metrics = folder.resolve("metrics.jsonl");
    List<JsonNode> epochs = new ArrayList<>();
    if (Files.exists(metrics)) {
      lines(metrics, epochs::add);
    }
    Predictions predictions = new Predictions(evaluation);
    lines(folder.resolve("predictions.jsonl"), predictions::add);
    return new RunRecord(
        Files.exists(config) ? Files.readString(config) : "",
        Files.exists(provenance) ? Json.read(provenance) : MissingNode.getInstance(),
        epochs,
        evaluation,
        predictions.calibration(),
        predictions.mistakes());
  }

  private interface LineReader {
    void accept(JsonNode line);
  }

  private static void lines(Path file, LineReader reader) throws IOException {
    if (!Files.exists(file)) {
      throw new WrongUseException("there is no " + file + ": evaluate the run first");
    }
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      int number = 1;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        try {
          reader.accept(Json.MAPPER.readTree(line));
        } catch (JsonProcessingException | IllegalArgumentException e) {
          throw new WrongUseException(
              "%s:%d is damaged: evaluate the run again".formatted(file, number), e);
        }
        number++;
      }
    }
  }

  /** Gathers lines of predictions, keeping of most only what calibration needs. */
  private static final class Predictions {
    private final List<String> classes = new ArrayList<>();
    private final List<Integer> labels = new ArrayList<>();
    private final List<double[]> probabilities = new ArrayList<>();
    private final PriorityQueue<Mistake> mistakes =
        new PriorityQueue<>(Comparator.comparingDouble(Mistake::confidence));

    Predictions(JsonNode evaluation) {
      evaluation.path("confusion").path("labels").forEach(name -> classes.add(name.asText()));
    }

    void add(JsonNode line) {
      if (!line.has("probabilities")) {
        return;
      }
      String label = line.path("label").asText();
      int number = classes.indexOf(label);
      if (number < 0) {
        throw new IllegalArgumentException("label '" + label + "' is not one of " + classes);
      }
      double[] p =
          classes.stream()
              .mapToDouble(name -> line.path("probabilities").path(name).asDouble())
              .toArray();
      labels.add(number);
      probabilities.add(p);
      int predicted = 0;
      for (int c = 1; c < p.length; c++) {
        predicted = p[c] > p[predicted] ? c : predicted;
      }
      if (predicted != number) {
        mistakes.add(
            new Mistake(
                line.path("id").asText(), label, classes.get(predicted), p[predicted], line));
        if (mistakes.size() > MISTAKES) {
          mistakes.remove();
        }
      }
    }

    Calibration calibration() {
      return Calibration.of(
          labels.stream().mapToInt(Integer::intValue).toArray(),
          probabilities.toArray(double[][]::new));
    }

    List<Mistake> mistakes() {
      return mistakes.stream()
          .sorted(
              Comparator.comparingDouble(Mistake::confidence).reversed().thenComparing(Mistake::id))
          .toList();
    }
  }

  /** The first epoch with the best validation macro-F1, which is the one evaluated; 0 without. */
  int bestEpoch() {
    int best = 0;
    double score = -1;
    for (JsonNode epoch : epochs) {
      double macroF1 = epoch.path("validation").path("macro_f1").asDouble(-1);
      if (macroF1 > score) {
        score = macroF1;
        best = epoch.path("epoch").asInt();
      }
    }
    return best;
  }

  /** Names of the views whose course the metrics tell. */
  List<String> views() {
    return epochs.isEmpty()
        ? List.of()
        : epochs.get(0).path("views").properties().stream().map(Map.Entry::getKey).toList();
  }
}
