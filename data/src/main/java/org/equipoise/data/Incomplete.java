package org.equipoise.data;

import java.util.Locale;
import org.equipoise.core.Names;

/** What happens to usable posts that lack a text or an image. */
public enum Incomplete {
  /** They take no part in splits, audits, features, training and evaluation. */
  DROP,
  /** They take part with what they have. */
  KEEP;

  /** The word used on the command line and in {@code splits.json}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The choice of that name.
   *
   * @throws org.equipoise.core.WrongUseException if there is none
   */
  public static Incomplete of(String name) {
    return Names.choose("choice for incomplete posts", name, values(), Incomplete::id);
  }
}
