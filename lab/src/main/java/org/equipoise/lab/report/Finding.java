package org.equipoise.lab.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What an evaluation comes to, in words: whether the model beats the floors, and how sure that is.
 *
 * @param outcome the worst of the comparisons with each floor
 * @param headline one sentence
 * @param sentences what it rests on
 * @param caution what keeps the figures from meaning more
 */
record Finding(Outcome outcome, String headline, List<String> sentences, List<String> caution) {
  /** Fewer clusters than this make rough intervals. */
  private static final int FEW_CLUSTERS = 30;

  /** An event with a larger share of the posts rules the accuracy. */
  private static final double RULING_EVENT = 0.5;

  enum Outcome {
    ABOVE,
    UNCLEAR,
    BELOW
  }

  /**
   * A floor beside the model.
   *
   * @param accuracy the floor's
   * @param difference model minus floor
   * @param low lower bound of the difference's interval
   * @param high its upper bound
   */
  record Comparison(String floor, double accuracy, double difference, double low, double high) {
    Outcome outcome() {
      if (low > 0) {
        return Outcome.ABOVE;
      }
      return high < 0 ? Outcome.BELOW : Outcome.UNCLEAR;
    }
  }

  Finding {
    sentences = List.copyOf(sentences);
    caution = List.copyOf(caution);
  }

  /** Compares with every floor of {@code evaluation.json}, in the file's order. */
  static List<Comparison> comparisons(JsonNode evaluation) {
    List<Comparison> comparisons = new ArrayList<>();
    double accuracy = evaluation.path("accuracy").asDouble();
    for (Map.Entry<String, JsonNode> floor : evaluation.path("floors").properties()) {
      double of = floor.getValue().path("accuracy").asDouble();
      JsonNode interval =
          evaluation.path("intervals").path("above_floors").path(floor.getKey()).path("accuracy");
      comparisons.add(
          new Comparison(
              floor.getKey(),
              of,
              accuracy - of,
              interval.path(0).asDouble(accuracy - of),
              interval.path(1).asDouble(accuracy - of)));
    }
    return comparisons;
  }

  static Finding of(JsonNode evaluation) {
    List<Comparison> comparisons = comparisons(evaluation);
    List<String> sentences = new ArrayList<>();
    sentences.add(ownFigure(evaluation));
    for (Comparison comparison : comparisons) {
      sentences.add(sentence(comparison));
    }
    return new Finding(
        outcome(comparisons), headline(comparisons), sentences, caution(evaluation, comparisons));
  }

  /** A floor's name as people say it. */
  static String spoken(String floor) {
    return floor.replace('_', '-');
  }

  private static Outcome outcome(List<Comparison> comparisons) {
    if (comparisons.stream().anyMatch(c -> c.outcome() == Outcome.BELOW)) {
      return Outcome.BELOW;
    }
    boolean above =
        !comparisons.isEmpty() && comparisons.stream().allMatch(c -> c.outcome() == Outcome.ABOVE);
    return above ? Outcome.ABOVE : Outcome.UNCLEAR;
  }

  private static String headline(List<Comparison> comparisons) {
    if (comparisons.isEmpty()) {
      return "There is no floor to compare this model with.";
    }
    List<String> below = floors(comparisons, Outcome.BELOW);
    List<String> unclear = floors(comparisons, Outcome.UNCLEAR);
    if (!below.isEmpty()) {
      return "The model falls below the " + join(below) + " floor" + plural(below) + ".";
    }
    if (!unclear.isEmpty()) {
      return "The model is not clearly better than the "
          + join(unclear)
          + " floor"
          + plural(unclear)
          + ".";
    }
    return comparisons.size() == 1
        ? "The model beats the " + spoken(comparisons.get(0).floor()) + " floor."
        : "The model beats every floor.";
  }

  private static List<String> floors(List<Comparison> comparisons, Outcome outcome) {
    return comparisons.stream()
        .filter(c -> c.outcome() == outcome)
        .map(c -> spoken(c.floor()))
        .toList();
  }

  private static String plural(List<String> names) {
    return names.size() > 1 ? "s" : "";
  }

  private static String join(List<String> names) {
    int last = names.size() - 1;
    return last == 0
        ? names.get(0)
        : String.join(", ", names.subList(0, last)) + " and " + names.get(last);
  }

  private static String ownFigure(JsonNode evaluation) {
    JsonNode interval = evaluation.path("intervals").path("accuracy");
    String sure =
        interval.size() == 2
            ? " (95\u00a0% interval "
                + Html.percent(interval.get(0).asDouble())
                + " to "
                + Html.percent(interval.get(1).asDouble())
                + ")"
            : "";
    return "It is right on %s%s of %s test posts%s."
        .formatted(
            Html.percent(evaluation.path("accuracy").asDouble()),
            sure,
            Html.count(evaluation.path("posts").asLong()),
            protocol(evaluation));
  }

  private static String protocol(JsonNode evaluation) {
    String protocol = evaluation.path("protocol").asText("");
    return protocol.isEmpty() ? "" : " under the " + protocol + " protocol";
  }

  private static String sentence(Comparison comparison) {
    String interval =
        "(%s points, 95\u00a0%% interval %s to %s)"
            .formatted(
                Html.points(comparison.difference()),
                Html.points(comparison.low()),
                Html.points(comparison.high()));
    String floor =
        "the " + spoken(comparison.floor()) + " floor’s " + Html.percent(comparison.accuracy());
    return switch (comparison.outcome()) {
      case ABOVE -> "That is above " + floor + " " + interval + ".";
      case BELOW -> "That is below " + floor + " " + interval + ".";
      case UNCLEAR ->
          "It cannot be told apart from " + floor + " " + interval + ": the interval holds 0.";
    };
  }

  private static List<String> caution(JsonNode evaluation, List<Comparison> comparisons) {
    List<String> caution = new ArrayList<>();
    if (evaluation.path("protocol").asText().toLowerCase(Locale.ROOT).equals("random")) {
      caution.add(
          "A random split puts posts of the same event, often with the same image, on both sides."
              + " These figures do not say how the model does on new events; read them beside the"
              + " leak audit of this split.");
    }
    boolean nothingShown =
        comparisons.stream()
            .anyMatch(c -> c.floor().equals("majority") && c.outcome() != Outcome.ABOVE);
    if (nothingShown) {
      caution.add(
          "Nothing here shows that the model has learnt what carries over to these posts: it is not"
              + " clearly better than always answering with the commonest class.");
    }
    JsonNode intervals = evaluation.path("intervals");
    int clusters = intervals.path("cluster_count").asInt(Integer.MAX_VALUE);
    String kind = intervals.path("clusters").asText("post");
    if (clusters < FEW_CLUSTERS && !kind.equals("post")) {
      caution.add(
          "The test posts belong to only %d %ss: the intervals are rough."
              .formatted(clusters, kind));
    }
    long posts = evaluation.path("posts").asLong();
    for (Map.Entry<String, JsonNode> event : evaluation.path("events").properties()) {
      double share = event.getValue().path("posts").asDouble() / posts;
      if (share > RULING_EVENT && evaluation.path("events").size() > 1) {
        caution.add(
            "The event “%s” holds %s of the test posts and rules the accuracy."
                .formatted(event.getKey(), Html.percent(share)));
      }
    }
    return caution;
  }
}
