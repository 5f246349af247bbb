package org.equipoise.lab.charts;

import java.awt.BasicStroke;
import java.util.StringJoiner;

/**
 * One series of a chart: points from left to right.
 *
 * @param name for the legend; unique within the chart
 * @param stroke how it is drawn
 */
public record Line(String name, double[] x, double[] y, Tone tone, Stroke stroke) {
  /** The series' mark in a legend, an {@code <svg>} element of one line's height. */
  public String key() {
    String paint = "var(" + tone.variable() + ")";
    String mark =
        switch (stroke) {
          case SURFACE -> "<rect width=\"26\" height=\"12\" style=\"fill:" + paint + "\"/>";
          case MARKED ->
              line(paint) + "<circle cx=\"13\" cy=\"6\" r=\"4\" style=\"fill:" + paint + "\"/>";
          default -> line(paint);
        };
    return "<svg viewBox=\"0 0 26 12\" aria-hidden=\"true\">" + mark + "</svg>";
  }

  private String line(String paint) {
    return "<path d=\"M0 6H26\" style=\"stroke:%s\" stroke-width=\"2.4\" stroke-dasharray=\"%s\"/>"
        .formatted(paint, stroke.dashArray());
  }

  /** How a series is drawn. Colour never is the only difference between two of them. */
  public enum Stroke {
    SOLID,
    DASHED(8, 4),
    DOTTED(2, 3),
    /** Dashes and dots in turn. */
    MIXED(8, 3, 2, 3),
    /** Solid with a mark at each point. */
    MARKED,
    /** A filled, stepped surface. */
    SURFACE;

    private final float[] dashes;

    Stroke(float... dashes) {
      this.dashes = dashes;
    }

    BasicStroke lines() {
      return new BasicStroke(
          2.2f,
          BasicStroke.CAP_BUTT,
          BasicStroke.JOIN_ROUND,
          10,
          dashes.length == 0 ? null : dashes,
          0);
    }

    /** What an SVG line of this stroke has as its {@code stroke-dasharray}. */
    String dashArray() {
      StringJoiner lengths = new StringJoiner(" ");
      for (float length : dashes) {
        lengths.add(Integer.toString((int) length));
      }
      return dashes.length == 0 ? "none" : lengths.toString();
    }
  }
}
