package org.equipoise.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What a view looks at: fine detail within a modality, or meaning that modalities share. */
public enum Kind {
  PATTERN,
  SEMANTIC;

  /** The lower-case word used in files, settings and parameter names. */
  @JsonValue
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The kind of that name, without regard to case.
   *
   * @throws WrongUseException if there is none
   */
  @JsonCreator
  public static Kind of(String name) {
    return Names.choose("kind", name, values(), Kind::id);
  }
}
