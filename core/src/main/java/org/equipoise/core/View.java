package org.equipoise.core;

import java.util.Objects;

/**
 * One way of encoding a modality.
 *
 * @param name the view's name in files and parameters, such as {@code text_pattern}
 * @param modality what is encoded
 * @param kind what the encoding looks at
 * @param width numbers per token, {@code d}
 */
public record View(String name, Modality modality, Kind kind, int width) {
  public View {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(modality, "modality");
    Objects.requireNonNull(kind, "kind");
    if (!name.matches("[A-Za-z0-9_]+")) {
      throw new WrongUseException(
          "view name '" + name + "' may hold only letters, digits and underscores");
    }
    if (width < 1) {
      throw new WrongUseException("view '" + name + "' has width " + width + ", needs at least 1");
    }
  }
}
