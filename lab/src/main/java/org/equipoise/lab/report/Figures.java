package org.equipoise.lab.report;

import org.equipoise.lab.charts.Line;
import org.equipoise.lab.charts.LineChart;

/** A chart with its legend below. */
final class Figures {
  private Figures() {}

  static void write(LineChart chart, String id, StringBuilder page) {
    page.append("<figure>").append(chart.svg(id));
    if (chart.lines().size() > 1) {
      page.append("<figcaption class=\"legend\">");
      for (Line line : chart.lines()) {
        page.append("<span>").append(line.key()).append(Html.text(line.name())).append("</span>");
      }
      page.append("</figcaption>");
    }
    page.append("</figure>\n");
  }
}
