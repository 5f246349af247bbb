package org.equipoise.core;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.apache.commons.text.similarity.LevenshteinDistance;

/**
 * Names that users type: matched without regard to case, and answered with the nearest if wrong.
 */
public final class Names {
  private Names() {}

  /**
   * The value with the given name.
   *
   * @param what the noun for the message, such as {@code "system"}
   * @throws WrongUseException if there is none; the message lists all and the nearest
   */
  public static <T> T choose(String what, String given, T[] values, Function<T, String> name) {
    return choose(what, given, Arrays.asList(values), name);
  }

  /** As {@link #choose(String, String, Object[], Function)}, for a collection. */
  public static <T> T choose(
      String what, String given, Collection<T> values, Function<T, String> name) {
    return values.stream()
        .filter(value -> name.apply(value).equalsIgnoreCase(given))
        .findFirst()
        .orElseThrow(() -> unknown(what, given, values.stream().map(name).toList()));
  }

  /** The exception for an unknown name: what was given, the nearest name, and all names. */
  public static WrongUseException unknown(String what, String given, Collection<String> known) {
    String hint = nearest(given, known).map(name -> "did you mean '" + name + "'? ").orElse("");
    return new WrongUseException(
        "unknown " + what + " '" + given + "': " + hint + "known: " + String.join(", ", known));
  }

  /** The known name with the fewest edits from the given one; empty if nothing is known. */
  public static Optional<String> nearest(String given, Collection<String> known) {
    LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
    String wanted = given.toLowerCase(Locale.ROOT);
    return known.stream()
        .min(
            Comparator.comparingInt(name -> distance.apply(wanted, name.toLowerCase(Locale.ROOT))));
  }
}
