package org.equipoise.lab.report;

import java.util.Locale;

/** Text and numbers as they stand in HTML. */
final class Html {
  private Html() {}

  /** The text, with everything that HTML would read as its own made harmless. */
  static String text(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> {
                  boolean forbidden =
                      Character.isISOControl(c) && c != '\n' && c != '\t'
                          || Character.getType(c) == Character.SURROGATE;
                  escaped.appendCodePoint(forbidden ? 0xFFFD : c);
                }
              }
            });
    return escaped.toString();
  }

  /** The text, cut after so many characters. */
  static String text(String text, int atMost) {
    if (text.codePointCount(0, text.length()) <= atMost) {
      return text(text);
    }
    return text(text.substring(0, text.offsetByCodePoints(0, atMost)).stripTrailing()) + "…";
  }

  /** A share in percent with one decimal, such as {@code 81.2 %}. */
  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f\u00a0%%", 100 * share);
  }

  /** A difference of shares in points with its sign, such as {@code +3.1}. */
  static String points(double difference) {
    String text = String.format(Locale.ROOT, "%+.1f", 100 * difference);
    return text.equals("-0.0") ? "+0.0" : text.replace('-', '\u2212');
  }

  /** Three decimals. */
  static String decimal(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  /** A count, such as {@code 13,763}. */
  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** A length for CSS, in percent of what surrounds it. */
  static String width(double share) {
    return String.format(Locale.ROOT, "%.2f%%", 100 * Math.min(1, Math.max(0, share)));
  }
}
