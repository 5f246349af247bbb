package org.equipoise.lab.charts;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Dimension;
import java.awt.Font;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.w3c.dom.Element;

/**
 * Lines over a common axis, drawn by XChart. The page adds the legend, see {@link Line#key}.
 *
 * @param description what the chart shows, for those who cannot see it
 * @param xRange the horizontal axis' bounds; where empty the data's
 * @param yRange the vertical axis' bounds; where empty the data's
 */
public record LineChart(
    String description,
    String xTitle,
    String yTitle,
    List<Line> lines,
    Optional<Range> xRange,
    Optional<Range> yRange) {
  private static final int WIDTH = 460;
  private static final int HEIGHT = 270;
  private static final Color CLEAR = new Color(0, 0, 0, 0);

  /** Bounds of an axis. */
  public record Range(double low, double high) {}

  /**
   * The chart as an {@code <svg>} element for an HTML page that defines the variables of {@link
   * Tone}. Letters are outlines, so it looks the same everywhere.
   *
   * @param id a prefix for the ids within, unique on the page
   */
  public String svg(String id) {
    SVGGraphics2D graphics = canvas();
    chart().paint(graphics, WIDTH, HEIGHT);
    Element root = graphics.getRoot();
    root.removeAttribute("width");
    root.removeAttribute("height");
    root.setAttribute("viewBox", "0 0 " + WIDTH + " " + HEIGHT);
    root.setAttribute("role", "img");
    root.setAttribute("aria-label", description);
    StringWriter writer = new StringWriter();
    try {
      graphics.stream(root, writer, true, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String svg = writer.toString();
    svg = svg.substring(svg.indexOf("<svg")).replace("\n", " ").replace("<!---->", "");
    svg = svg.replace("id=\"", "id=\"" + id + "-").replace("url(#", "url(#" + id + "-");
    svg = svg.replaceAll(" text-rendering:[^;]*;", "").replaceAll("\\s+(/?>)", "$1");
    for (Tone tone : Tone.values()) {
      svg = svg.replace(tone.placeholderCss(), "var(" + tone.variable() + ")");
    }
    return svg;
  }

  private static SVGGraphics2D canvas() {
    try {
      SVGGeneratorContext context =
          SVGGeneratorContext.createDefault(
              DocumentBuilderFactory.newInstance()
                  .newDocumentBuilder()
                  .getDOMImplementation()
                  .createDocument("http://www.w3.org/2000/svg", "svg", null));
      context.setComment("");
      context.setPrecision(2);
      SVGGraphics2D graphics = new SVGGraphics2D(context, false);
      graphics.setSVGCanvasSize(new Dimension(WIDTH, HEIGHT));
      return graphics;
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException("every Java platform has an XML parser", e);
    }
  }

  private XYChart chart() {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .xAxisTitle(xTitle)
            .yAxisTitle(yTitle)
            .build();
    style(chart.getStyler());
    for (Line line : lines) {
      add(chart, line);
    }
    return chart;
  }

  private void style(XYStyler style) {
    Color ink = Tone.INK.placeholder();
    style.setChartTitleVisible(false);
    style.setChartBackgroundColor(CLEAR);
    style.setPlotBackgroundColor(CLEAR);
    style.setPlotBorderVisible(false);
    style.setPlotGridLinesColor(Tone.GRID.placeholder());
    style.setPlotGridLinesStroke(new BasicStroke(1));
    style.setPlotGridVerticalLinesVisible(false);
    style.setAxisTicksMarksVisible(false);
    style.setAxisTicksLineVisible(false);
    style.setAxisTickLabelsColor(ink);
    style.setAxisTickLabelsFont(font(13));
    style.setAxisTitleFont(font(13));
    style.setXAxisTitleColor(ink);
    style.setYAxisTitleColor(ink);
    style.setChartFontColor(ink);
    style.setLegendVisible(false);
    style.setMarkerSize(7);
    style.setChartPadding(4);
    xRange.ifPresent(
        range -> {
          style.setXAxisMin(range.low());
          style.setXAxisMax(range.high());
        });
    yRange.ifPresent(
        range -> {
          style.setYAxisMin(range.low());
          style.setYAxisMax(range.high());
        });
  }

  private static Font font(int size) {
    return new Font(Font.SANS_SERIF, Font.PLAIN, size);
  }

  private static void add(XYChart chart, Line line) {
    XYSeries series = chart.addSeries(line.name(), line.x(), line.y());
    Color color = line.tone().placeholder();
    series.setLineColor(color);
    series.setMarkerColor(color);
    series.setLineWidth(2.2f);
    series.setMarker(SeriesMarkers.NONE);
    series.setLineStyle(line.stroke().lines());
    if (line.stroke() == Line.Stroke.MARKED) {
      series.setMarker(SeriesMarkers.CIRCLE);
    }
    if (line.stroke() == Line.Stroke.SURFACE) {
      series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.StepArea);
      series.setFillColor(color);
      series.setLineStyle(SeriesLines.NONE);
    }
  }
}
