package org.equipoise.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Whether features keep one row per token ({@code [T, d]}) or one per post ({@code [1, d]}). */
public enum Form {
  TOKENS,
  POOLED;

  /** The lower-case word used in files and settings. */
  @JsonValue
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The form of that name, without regard to case.
   *
   * @throws WrongUseException if there is none
   */
  @JsonCreator
  public static Form of(String name) {
    return Names.choose("form", name, values(), Form::id);
  }
}
