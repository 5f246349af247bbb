package org.equipoise.lab.charts;

/**
 * One series of a chart.
 *
 * @param name for the legend; unique within the chart
 * @param stroke how it is drawn
 */
public record Line(String name, double[] x, double[] y, Tone tone, Stroke stroke) {
  /** How a series is drawn. Colour never is the only difference between two of them. */
  public enum Stroke {
    SOLID,
    DASHED,
    DOTTED,
    /** Solid with a mark at each point. */
    MARKED,
    /** A filled, stepped surface. */
    SURFACE
  }
}
