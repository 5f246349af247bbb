package org.equipoise.core;

import java.util.Locale;

/** A channel of a post that a reader perceives by itself. */
public enum Modality {
  TEXT,
  IMAGE,
  VIDEO,
  AUDIO;

  /** The lower-case word used in files, settings and parameter names. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The modality of that name, without regard to case.
   *
   * @throws WrongUseException if there is none
   */
  public static Modality of(String name) {
    return Names.choose("modality", name, values(), Modality::id);
  }
}
