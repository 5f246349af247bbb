package org.equipoise.data;

import java.util.Locale;
import org.equipoise.core.Names;

/** What Twitter's third label, {@code humor}, counts as. Published work does either. */
public enum Humor {
  FAKE,
  DROP;

  /** The word used on the command line. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The choice of that name.
   *
   * @throws org.equipoise.core.WrongUseException if there is none
   */
  public static Humor of(String name) {
    return Names.choose("choice for humor", name, values(), Humor::id);
  }
}
