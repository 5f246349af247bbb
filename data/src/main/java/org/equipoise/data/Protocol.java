package org.equipoise.data;

import java.util.Locale;
import org.equipoise.core.Names;

/** Who is in the test set. */
public enum Protocol {
  /** As the data set's authors divide it. */
  PUBLISHED,
  /** A seeded, stratified share. */
  RANDOM,
  /** No image, same content or near-duplicate, on both sides. */
  IMAGE_DISJOINT,
  /** No event on both sides. */
  EVENT_DISJOINT,
  /** The latest posts. */
  CHRONOLOGICAL;

  /** The word used on the command line and in {@code splits.json}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The protocol of that name.
   *
   * @throws org.equipoise.core.WrongUseException if there is none
   */
  public static Protocol of(String name) {
    return Names.choose("protocol", name, values(), Protocol::id);
  }
}
