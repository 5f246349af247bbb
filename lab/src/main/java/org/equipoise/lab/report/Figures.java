package org.equipoise.lab.report;

import java.util.function.Supplier;
import org.equipoise.lab.charts.Line;
import org.equipoise.lab.charts.LineChart;

/** A chart with its legend below. */
final class Figures {
  private Figures() {}

  static void write(LineChart chart, String id, StringBuilder page) {
    page.append("<figure>").append(drawn(() -> chart.svg(id)));
    if (chart.lines().size() > 1) {
      page.append("<figcaption class=\"legend\">");
      for (Line line : chart.lines()) {
        page.append("<span>").append(line.key()).append(Html.text(line.name())).append("</span>");
      }
      page.append("</figcaption>");
    }
    page.append("</figure>\n");
  }

  /**
   * The drawing, or words in its place on a machine without fonts: Java then fails with errors of
   * its font system, and a run's figures must not be lost for want of letters.
   */
  static String drawn(Supplier<String> drawing) {
    try {
      return drawing.get();
    } catch (LinkageError | InternalError e) {
      return "<p class=\"soft\">This chart was not drawn: Java found no fonts on the machine."
          + " Install fontconfig and a font (Debian: apt-get install fontconfig fonts-dejavu-core)"
          + " and evaluate the run again.</p>";
    }
  }
}
