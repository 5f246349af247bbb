package org.equipoise.lab.charts;

import java.awt.Color;

/**
 * What something in a chart is, rather than its colour: the page gives each tone a colour for light
 * and one for dark surroundings by a CSS variable. The four series tones are those of Okabe and
 * Ito, which people with any form of colour blindness tell apart.
 */
public enum Tone {
  FIRST("--series-1"),
  SECOND("--series-2"),
  THIRD("--series-3"),
  FOURTH("--series-4"),
  INK("--chart-ink"),
  GRID("--chart-grid"),
  SHADE("--chart-shade");

  private final String variable;

  Tone(String variable) {
    this.variable = variable;
  }

  /** The tone of the n-th of several things, from 0; tones repeat after four. */
  public static Tone series(int n) {
    return values()[n % 4];
  }

  /** The CSS variable that holds the colour. */
  public String variable() {
    return variable;
  }

  /** A colour that stands for the tone until the drawing is done. */
  Color placeholder() {
    return new Color(ordinal() + 1, 254, 253);
  }

  /** How the drawing writes the placeholder. */
  String placeholderCss() {
    return "rgb(" + (ordinal() + 1) + ",254,253)";
  }
}
