package org.equipoise.lab.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** What came out, in words, then as bars, then as figures. */
final class VerdictSection {
  private static final String CHECK =
      "<svg viewBox=\"0 0 20 20\" aria-hidden=\"true\"><circle cx=\"10\" cy=\"10\" r=\"9\""
          + " fill=\"currentColor\"/><path d=\"M5.6 10.4l3 3 5.8-6.4\" fill=\"none\""
          + " stroke=\"var(--card)\" stroke-width=\"2.2\"/></svg>";
  private static final String WAVES =
      "<svg viewBox=\"0 0 20 20\" aria-hidden=\"true\"><circle cx=\"10\" cy=\"10\" r=\"9\""
          + " fill=\"currentColor\"/><path d=\"M5 8.6q2.5-2 5 0t5 0M5 12.4q2.5-2 5 0t5 0\""
          + " fill=\"none\" stroke=\"var(--card)\" stroke-width=\"1.8\"/></svg>";
  private static final String CROSS =
      "<svg viewBox=\"0 0 20 20\" aria-hidden=\"true\"><circle cx=\"10\" cy=\"10\" r=\"9\""
          + " fill=\"currentColor\"/><path d=\"M6.4 6.4l7.2 7.2m0-7.2l-7.2 7.2\" fill=\"none\""
          + " stroke=\"var(--card)\" stroke-width=\"2.2\"/></svg>";

  private VerdictSection() {}

  static void write(JsonNode evaluation, StringBuilder page) {
    Finding finding = Finding.of(evaluation);
    String tone =
        switch (finding.outcome()) {
          case ABOVE -> "above";
          case UNCLEAR -> "unclear";
          case BELOW -> "below";
        };
    String badge =
        switch (finding.outcome()) {
          case ABOVE -> CHECK + "Above the floors";
          case UNCLEAR -> WAVES + "Not clearly above the floors";
          case BELOW -> CROSS + "Below a floor";
        };
    page.append("<section class=\"verdict ").append(tone).append("\">\n<span class=\"badge\">");
    page.append(badge).append("</span>\n<h1>").append(Html.text(finding.headline()));
    page.append("</h1>\n<div class=\"cols\"><div>\n");
    for (String sentence : finding.sentences()) {
      page.append("<p>").append(Html.text(sentence)).append("</p>\n");
    }
    page.append("</div><div>\n");
    bars(evaluation, page);
    page.append("</div></div>\n");
    for (String caution : finding.caution()) {
      page.append("<p class=\"caution\">").append(Html.text(caution)).append("</p>\n");
    }
    page.append("</section>\n");
    tiles(evaluation, page);
  }

  private static void bars(JsonNode evaluation, StringBuilder page) {
    JsonNode interval = evaluation.path("intervals").path("accuracy");
    page.append("<h3>Accuracy beside the floors</h3>\n<div class=\"bars\">\n");
    bar("model", evaluation.path("accuracy").asDouble(), interval, page);
    List<Finding.Comparison> floors = Finding.comparisons(evaluation);
    for (Finding.Comparison floor : floors) {
      bar(Finding.spoken(floor.floor()), floor.accuracy(), interval.path("none"), page);
    }
    page.append("</div>\n<p class=\"soft\">A floor is what needs no learning of how text and image")
        .append(" belong together.");
    if (interval.size() == 2) {
      page.append(" The whisker is the model’s 95\u00a0% interval.");
    }
    page.append("</p>\n");
  }

  private static void bar(String name, double accuracy, JsonNode interval, StringBuilder page) {
    page.append("<div class=\"bar")
        .append(name.equals("model") ? " model" : "")
        .append("\"><span>")
        .append(Html.text(name))
        .append("</span><span class=\"track\"><span class=\"fill\" style=\"width:")
        .append(Html.width(accuracy))
        .append("\"></span>");
    if (interval.size() == 2) {
      double low = interval.get(0).asDouble();
      double high = interval.get(1).asDouble();
      page.append("<span class=\"whisker\" style=\"left:")
          .append(Html.width(low))
          .append(";width:")
          .append(Html.width(high - low))
          .append("\"></span>");
    }
    page.append("</span><span class=\"value\">").append(Html.percent(accuracy));
    page.append("</span></div>\n");
  }

  private static void tiles(JsonNode evaluation, StringBuilder page) {
    JsonNode intervals = evaluation.path("intervals");
    page.append("<div class=\"tiles\">\n");
    tile("Accuracy", evaluation.path("accuracy"), between(intervals.path("accuracy")), page);
    tile("Macro-F1", evaluation.path("macro_f1"), between(intervals.path("macro_f1")), page);
    tile("ROC-AUC", evaluation.path("roc_auc"), "0.5 is chance", page);
    tile("Calibration error", evaluation.path("ece"), "0 is best", page);
    page.append("</div>\n");
  }

  private static String between(JsonNode interval) {
    return interval.size() != 2
        ? ""
        : Html.decimal(interval.get(0).asDouble())
            + " to "
            + Html.decimal(interval.get(1).asDouble());
  }

  private static void tile(String name, JsonNode value, String below, StringBuilder page) {
    page.append("<div class=\"tile\"><span class=\"soft\">").append(name).append("</span><b>");
    page.append(value.isNumber() ? Html.decimal(value.asDouble()) : "undefined");
    page.append("</b><span class=\"soft\">").append(below).append("</span></div>\n");
  }
}
