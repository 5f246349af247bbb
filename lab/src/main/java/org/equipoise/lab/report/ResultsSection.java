package org.equipoise.lab.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.equipoise.core.io.Json;
import org.equipoise.core.metrics.Calibration;
import org.equipoise.lab.charts.Line;
import org.equipoise.lab.charts.LineChart;
import org.equipoise.lab.charts.Tone;

/** Where the model is right and where not: by class, by confidence, by event. */
final class ResultsSection {
  private ResultsSection() {}

  static void write(RunRecord run, StringBuilder page) {
    page.append("<div class=\"grid\">\n");
    confusion(run.evaluation(), page);
    calibration(run.calibration(), page);
    intervals(run.evaluation(), page);
    events(run.evaluation().path("events"), page);
    page.append("</div>\n");
  }

  private static void confusion(JsonNode evaluation, StringBuilder page) {
    List<String> classes = new ArrayList<>();
    evaluation.path("confusion").path("labels").forEach(name -> classes.add(name.asText()));
    JsonNode counts = evaluation.path("confusion").path("counts");
    page.append("<section><h2>Confusion</h2><p class=\"soft\">Rows: what the posts are. Columns:")
        .append(" what the model says.</p><div class=\"scroll\"><table class=\"matrix\"><tr>")
        .append("<th></th>");
    classes.forEach(
        c -> page.append("<th class=\"top\" scope=\"col\">").append(Html.text(c)).append("</th>"));
    page.append("</tr>\n");
    for (int row = 0; row < classes.size(); row++) {
      long posts = 0;
      for (JsonNode count : counts.path(row)) {
        posts += count.asLong();
      }
      page.append("<tr><th class=\"side\" scope=\"row\">");
      page.append(Html.text(classes.get(row))).append("</th>");
      for (int column = 0; column < classes.size(); column++) {
        long count = counts.path(row).path(column).asLong();
        double share = posts == 0 ? 0 : count / (double) posts;
        page.append("<td")
            .append(row == column ? "" : " class=\"wrong\"")
            .append(" style=\"--share:")
            .append(Html.decimal(share))
            .append("\"><b>")
            .append(Html.count(count))
            .append("</b><span>")
            .append(Html.percent(share))
            .append("</span></td>");
      }
      page.append("</tr>\n");
    }
    page.append("</table></div>\n<div class=\"scroll\"><table><tr><th>class</th>")
        .append("<th class=\"num\">precision</th><th class=\"num\">recall</th>")
        .append("<th class=\"num\">F1</th><th class=\"num\">posts</th></tr>\n");
    for (Map.Entry<String, JsonNode> entry : evaluation.path("classes").properties()) {
      page.append("<tr><td>").append(Html.text(entry.getKey())).append("</td>");
      for (String figure : List.of("precision", "recall", "f1")) {
        page.append("<td class=\"num\">")
            .append(Html.decimal(entry.getValue().path(figure).asDouble()))
            .append("</td>");
      }
      page.append("<td class=\"num\">")
          .append(Html.count(entry.getValue().path("support").asLong()))
          .append("</td></tr>\n");
    }
    page.append("</table></div></section>\n");
  }

  private static void calibration(Calibration calibration, StringBuilder page) {
    long posts = calibration.bins().stream().mapToLong(Calibration.Bin::posts).sum();
    List<Calibration.Bin> filled =
        calibration.bins().stream().filter(bin -> bin.posts() > 0).toList();
    double[] confidence = filled.stream().mapToDouble(b -> b.confidence().orElseThrow()).toArray();
    double[] accuracy = filled.stream().mapToDouble(b -> b.accuracy().orElseThrow()).toArray();
    List<Line> lines = new ArrayList<>();
    lines.add(shares(calibration, posts));
    lines.add(
        new Line(
            "perfect", new double[] {0, 1}, new double[] {0, 1}, Tone.INK, Line.Stroke.DOTTED));
    lines.add(new Line("accuracy", confidence, accuracy, Tone.FIRST, Line.Stroke.MARKED));
    LineChart chart =
        new LineChart(
            "Accuracy by confidence beside the diagonal of perfect calibration",
            "confidence",
            "share",
            lines,
            Optional.of(new LineChart.Range(0, 1)),
            Optional.of(new LineChart.Range(0, 1)));
    page.append("<section><h2>Calibration</h2><p class=\"soft\">Below the dotted line the model is")
        .append(" surer than it should be. Expected calibration error: ")
        .append(Html.decimal(calibration.ece()))
        .append(".</p>");
    Figures.write(chart, "calibration", page);
    page.append("</section>\n");
  }

  /** The share of posts in each bin as a surface of steps. */
  private static Line shares(Calibration calibration, long posts) {
    int bins = calibration.bins().size();
    double[] x = new double[bins + 1];
    double[] y = new double[bins + 1];
    for (int b = 0; b < bins; b++) {
      x[b] = calibration.bins().get(b).low();
      y[b] = calibration.bins().get(b).posts() / (double) posts;
    }
    x[bins] = 1;
    y[bins] = y[bins - 1];
    return new Line("share of posts", x, y, Tone.SHADE, Line.Stroke.SURFACE);
  }

  private static void intervals(JsonNode evaluation, StringBuilder page) {
    JsonNode intervals = evaluation.path("intervals");
    if (!intervals.isObject()) {
      return;
    }
    String clusters = intervals.path("clusters").asText("post");
    page.append("<section><h2>How sure these figures are</h2><p class=\"soft\">95\u00a0% intervals")
        .append(" by a bootstrap over ")
        .append(Html.count(intervals.path("cluster_count").asLong()))
        .append(' ')
        .append(Html.text(clusters))
        .append("s (")
        .append(Html.count(intervals.path("resamples").asLong()))
        .append(" resamples)");
    if (!clusters.equals("post")) {
      page.append(": posts of one ").append(Html.text(clusters)).append(" stand or fall together");
    }
    page.append(".</p><div class=\"scroll\"><table><tr><th></th><th class=\"num\">accuracy</th>")
        .append("<th class=\"num\">macro-F1</th></tr>\n");
    interval("model", intervals, evaluation, false, page);
    for (Map.Entry<String, JsonNode> floor : intervals.path("above_floors").properties()) {
      JsonNode of = evaluation.path("floors").path(floor.getKey());
      interval(
          "above " + Finding.spoken(floor.getKey()),
          floor.getValue(),
          minus(evaluation, of),
          true,
          page);
    }
    page.append("</table></div><p class=\"soft\">“Above” rows: the model’s figure minus the")
        .append(" floor’s on the same posts, in points.</p></section>\n");
  }

  private static JsonNode minus(JsonNode evaluation, JsonNode floor) {
    return Json.MAPPER
        .createObjectNode()
        .put("accuracy", evaluation.path("accuracy").asDouble() - floor.path("accuracy").asDouble())
        .put(
            "macro_f1", evaluation.path("macro_f1").asDouble() - floor.path("macro_f1").asDouble());
  }

  private static void interval(
      String name, JsonNode bounds, JsonNode figures, boolean difference, StringBuilder page) {
    page.append("<tr><td>").append(Html.text(name)).append("</td>");
    for (String figure : List.of("accuracy", "macro_f1")) {
      JsonNode interval = bounds.path(figure);
      page.append("<td class=\"num\">")
          .append(number(figures.path(figure).asDouble(), difference))
          .append("<br><span class=\"soft\">")
          .append(number(interval.path(0).asDouble(), difference))
          .append(" to ")
          .append(number(interval.path(1).asDouble(), difference))
          .append("</span></td>");
    }
    page.append("</tr>\n");
  }

  private static String number(double value, boolean difference) {
    return difference ? Html.points(value) : Html.decimal(value);
  }

  private static void events(JsonNode events, StringBuilder page) {
    if (events.isEmpty()) {
      return;
    }
    page.append("<section><h2>By event</h2><p class=\"soft\">Accuracy on each event’s posts, the")
        .append(" largest first.</p><div class=\"events\"><table><tr><th>event</th>")
        .append("<th class=\"num\">posts</th><th class=\"num\">accuracy</th>")
        .append("<th class=\"cell\"></th></tr>\n");
    events.properties().stream()
        .sorted(
            Comparator.comparingLong(
                    (Map.Entry<String, JsonNode> event) -> event.getValue().path("posts").asLong())
                .reversed())
        .forEach(event -> event(event.getKey(), event.getValue(), page));
    page.append("</table></div></section>\n");
  }

  private static void event(String name, JsonNode figures, StringBuilder page) {
    double accuracy = figures.path("accuracy").asDouble();
    page.append("<tr><td class=\"name\">")
        .append(Html.text(name, 80))
        .append("</td><td class=\"num\">")
        .append(Html.count(figures.path("posts").asLong()))
        .append("</td><td class=\"num\">")
        .append(Html.percent(accuracy))
        .append("</td><td class=\"cell num\"><div class=\"track\"><div class=\"fill\"")
        .append(" style=\"width:")
        .append(Html.width(accuracy))
        .append("\"></div></div></td></tr>\n");
  }
}
