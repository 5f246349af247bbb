package org.equipoise.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** A channel of a post that a reader perceives by itself. */
public enum Modality {
  TEXT,
  IMAGE,
  VIDEO,
  AUDIO;

  /** The lower-case word used in files, settings and parameter names. */
  @JsonValue
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The modality of that name, without regard to case.
   *
   * @throws WrongUseException if there is none
   */
  @JsonCreator
  public static Modality of(String name) {
    return Names.choose("modality", name, values(), Modality::id);
  }
}
