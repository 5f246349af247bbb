package org.equipoise.core.config;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import org.equipoise.core.Names;
import org.equipoise.core.WrongUseException;

/**
 * One documented key of the configuration, such as {@code training.epochs}.
 *
 * @param key the dotted name
 * @param type the kind of value in words, such as {@code "a whole number"}
 * @param defaultValue what holds where nothing is given
 * @param description one sentence for the documentation, with the default's source where it has one
 * @param parse reads a value from YAML or the command line
 */
public record Setting<T>(
    String key, String type, T defaultValue, String description, Function<Object, T> parse) {

  /** A whole number within bounds, both allowed. */
  public static Setting<Integer> integer(
      String key, int defaultValue, int least, int most, String description) {
    return new Setting<>(
        key,
        "a whole number from " + least + " to " + most,
        defaultValue,
        description,
        given -> {
          long value = Long.parseLong(text(given));
          require(value >= least && value <= most);
          return (int) value;
        });
  }

  /** A list of whole numbers within bounds, both allowed; on the command line split by commas. */
  public static Setting<List<Integer>> integers(
      String key, List<Integer> defaultValue, int least, int most, String description) {
    return new Setting<>(
        key,
        "a list of whole numbers from " + least + " to " + most,
        List.copyOf(defaultValue),
        description,
        given -> {
          List<Integer> values = list(given).stream().map(Integer::valueOf).toList();
          values.forEach(value -> require(value >= least && value <= most));
          return values;
        });
  }

  /** A whole number of 64 bits. */
  public static Setting<Long> seed(String key, long defaultValue, String description) {
    return new Setting<>(
        key, "a whole number", defaultValue, description, given -> Long.parseLong(text(given)));
  }

  /** A finite number within bounds, both allowed. */
  public static Setting<Double> number(
      String key, double defaultValue, double least, double most, String description) {
    return new Setting<>(
        key,
        "a number from " + plain(least) + " to " + plain(most),
        defaultValue,
        description,
        given -> {
          double value = Double.parseDouble(text(given));
          require(value >= least && value <= most);
          return value;
        });
  }

  /** {@code true} or {@code false}. */
  public static Setting<Boolean> bool(String key, boolean defaultValue, String description) {
    return new Setting<>(
        key,
        "true or false",
        defaultValue,
        description,
        given -> {
          String text = text(given).toLowerCase(Locale.ROOT);
          require(text.equals("true") || text.equals("false"));
          return text.equals("true");
        });
  }

  /** One of some words, matched without regard to case. */
  public static Setting<String> choice(
      String key, String defaultValue, List<String> words, String description) {
    return new Setting<>(
        key,
        "one of " + String.join(", ", words),
        defaultValue,
        description,
        given -> Names.choose(key, text(given), words, Function.identity()));
  }

  /** Any text. */
  public static Setting<String> text(String key, String defaultValue, String description) {
    return new Setting<>(key, "a text", defaultValue, description, Setting::text);
  }

  /** A list of texts; on the command line split by commas. */
  public static Setting<List<String>> texts(
      String key, List<String> defaultValue, String description) {
    return new Setting<>(
        key, "a list of texts", List.copyOf(defaultValue), description, Setting::list);
  }

  /**
   * Reads a value.
   *
   * @param origin where it was given, for the message
   * @throws WrongUseException if it is of another type or out of bounds
   */
  public T read(Object given, String origin) {
    try {
      return parse.apply(given);
    } catch (IllegalArgumentException e) {
      throw new WrongUseException(
          "%s: '%s' is not %s for %s (default %s)"
              .formatted(origin, Objects.toString(given), type, key, defaultValue),
          e);
    }
  }

  private static List<String> list(Object given) {
    return given instanceof List<?> list
        ? list.stream().map(Setting::text).toList()
        : List.of(text(given).split("\\s*,\\s*")).stream().filter(s -> !s.isBlank()).toList();
  }

  private static String text(Object given) {
    if (given == null || given instanceof List || given instanceof java.util.Map) {
      throw new IllegalArgumentException("not a single value");
    }
    return given.toString().trim();
  }

  private static String plain(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e9
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  private static void require(boolean holds) {
    if (!holds) {
      throw new IllegalArgumentException("out of bounds");
    }
  }
}
