package org.equipoise.lab.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.equipoise.lab.charts.Line;
import org.equipoise.lab.charts.LineChart;
import org.equipoise.lab.charts.Tone;

/**
 * How training went: losses, validation, how each view fared and was slowed (Fig. 7), and what the
 * balancer did.
 */
final class TrainingSection {
  private static final int MOST_LOSSES = 4;
  private static final Line.Stroke[] STROKES = {
    Line.Stroke.SOLID, Line.Stroke.DASHED, Line.Stroke.DOTTED, Line.Stroke.MIXED
  };

  private TrainingSection() {}

  static void write(RunRecord run, StringBuilder page) {
    if (run.epochs().isEmpty()) {
      return;
    }
    page.append("<div class=\"grid\">\n");
    chart(
        "Loss",
        "Mean over an epoch’s steps, on the training posts.",
        "loss",
        new LineChart("Loss by epoch", "epoch", "loss", losses(run), epochs(run), Optional.empty()),
        page);
    chart(
        "Validation",
        chosen(run),
        "validation",
        new LineChart(
            "Accuracy and macro-F1 on validation posts by epoch",
            "epoch",
            "share",
            List.of(
                line(run, "accuracy", 0, 0, e -> validation(e, "accuracy")),
                line(run, "macro-F1", 1, 1, e -> validation(e, "macro_f1"))),
            epochs(run),
            Optional.of(new LineChart.Range(0, 1))),
        page);
    if (!run.views().isEmpty()) {
      chart(
          "What each view knows: s",
          "The probability that a view alone gives the true class, averaged over training posts.",
          "s",
          new LineChart(
              "s of each view by epoch",
              "epoch",
              "s",
              views(run, "s"),
              epochs(run),
              Optional.of(new LineChart.Range(0, 1))),
          page);
      chart(
          "How far each view is slowed: k",
          "What a view’s learning rate is multiplied by; 1 leaves it alone.",
          "k",
          new LineChart(
              "k of each view by epoch",
              "epoch",
              "k",
              views(run, "k"),
              epochs(run),
              Optional.of(new LineChart.Range(0, 1.05))),
          page);
    }
    for (String coefficient : coefficients(run)) {
      String name = coefficient.replace('_', ' ');
      chart(
          "Balancer: " + name,
          "What the balancer found or did, mean over an epoch’s steps; docs/balancers.md says what it"
              + " means.",
          "balancer-" + coefficient,
          new LineChart(
              "The balancer's " + name + " by epoch",
              "epoch",
              name,
              coefficient(run, coefficient),
              epochs(run),
              around(coefficient(run, coefficient))),
          page);
    }
    page.append("</div>\n");
  }

  /** Names of the balancer's coefficients, in the order in which they first appear. */
  private static Set<String> coefficients(RunRecord run) {
    Set<String> names = new LinkedHashSet<>();
    run.epochs()
        .forEach(epoch -> epoch.path("balancer").properties().forEach(c -> names.add(c.getKey())));
    return names;
  }

  /** A line for each modality or view, over the epochs that have the coefficient. */
  private static List<Line> coefficient(RunRecord run, String coefficient) {
    Set<String> units = new LinkedHashSet<>();
    run.epochs()
        .forEach(
            epoch ->
                epoch
                    .path("balancer")
                    .path(coefficient)
                    .properties()
                    .forEach(unit -> units.add(unit.getKey())));
    List<Line> lines = new ArrayList<>();
    for (String unit : units) {
      int n = lines.size();
      List<JsonNode> having =
          run.epochs().stream()
              .filter(e -> e.path("balancer").path(coefficient).path(unit).isNumber())
              .toList();
      lines.add(
          line(
              having,
              unit.replace('_', ' '),
              n,
              n,
              e -> e.path("balancer").path(coefficient).path(unit).asDouble()));
    }
    return lines;
  }

  /** Bounds for lines that are all flat at one height; the chart finds others itself. */
  private static Optional<LineChart.Range> around(List<Line> lines) {
    DoubleSummaryStatistics heights =
        lines.stream().flatMapToDouble(line -> Arrays.stream(line.y())).summaryStatistics();
    return heights.getMin() == heights.getMax()
        ? Optional.of(new LineChart.Range(heights.getMin() - 0.5, heights.getMax() + 0.5))
        : Optional.empty();
  }

  private static String chosen(RunRecord run) {
    JsonNode last = run.evaluation().path("last").path("accuracy");
    String words =
        "Epoch %d of %d had the best macro-F1: its parameters are the ones evaluated."
            .formatted(run.bestEpoch(), run.epochs().size());
    return last.isNumber()
        ? words + " The last epoch’s have a test accuracy of " + Html.percent(last.asDouble()) + "."
        : words;
  }

  private static void chart(
      String title, String words, String id, LineChart chart, StringBuilder page) {
    page.append("<section><h2>")
        .append(Html.text(title))
        .append("</h2><p class=\"soft\">")
        .append(Html.text(words))
        .append("</p>");
    Figures.write(chart, id, page);
    page.append("</section>\n");
  }

  private static Optional<LineChart.Range> epochs(RunRecord run) {
    int last = run.epochs().size();
    return last < 2 ? Optional.empty() : Optional.of(new LineChart.Range(1, last));
  }

  private static double validation(JsonNode epoch, String metric) {
    return epoch.path("validation").path(metric).asDouble(Double.NaN);
  }

  private static List<Line> losses(RunRecord run) {
    List<Line> lines = new ArrayList<>();
    for (Map.Entry<String, JsonNode> loss : run.epochs().get(0).path("loss").properties()) {
      String name = loss.getKey();
      int n = lines.size();
      if (n < MOST_LOSSES) {
        lines.add(line(run, name, n, n, e -> e.path("loss").path(name).asDouble(Double.NaN)));
      }
    }
    return lines;
  }

  /** A tone for each modality, a stroke for each of its views. */
  private static List<Line> views(RunRecord run, String figure) {
    List<Line> lines = new ArrayList<>();
    Map<String, Integer> tones = new LinkedHashMap<>();
    Map<String, Integer> strokes = new LinkedHashMap<>();
    for (String view : run.views()) {
      String modality = view.contains("_") ? view.substring(0, view.indexOf('_')) : view;
      int tone = tones.computeIfAbsent(modality, m -> tones.size());
      int stroke = strokes.merge(modality, 1, Integer::sum) - 1;
      lines.add(
          line(
              run,
              view.replace('_', ' '),
              tone,
              stroke,
              e -> e.path("views").path(view).path(figure).asDouble(Double.NaN)));
    }
    return lines;
  }

  private static Line line(
      RunRecord run, String name, int tone, int stroke, ToDoubleFunction<JsonNode> figure) {
    return line(run.epochs(), name, tone, stroke, figure);
  }

  private static Line line(
      List<JsonNode> epochs, String name, int tone, int stroke, ToDoubleFunction<JsonNode> figure) {
    double[] x = epochs.stream().mapToDouble(e -> e.path("epoch").asDouble()).toArray();
    double[] y = epochs.stream().mapToDouble(figure).toArray();
    Line.Stroke drawn = x.length < 2 ? Line.Stroke.MARKED : STROKES[stroke % STROKES.length];
    return new Line(name, x, y, Tone.series(tone), drawn);
  }
}
