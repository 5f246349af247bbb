package org.equipoise.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.equipoise.core.Names;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Schema;
import org.equipoise.core.config.Settings;

/** The configurations that the program brings with it. */
final class Presets {
  /** What holds where no {@code --config} is given. */
  static final String DEFAULT = "default";

  /** What {@code quickstart} trains with, likewise. */
  static final String QUICKSTART = "quickstart";

  /** The paper's own settings. */
  static final String PAPER = "paper";

  private static final List<String> NAMES = List.of(DEFAULT, PAPER, QUICKSTART);

  private Presets() {}

  /** Names that {@code --config} takes. */
  static List<String> list() {
    return NAMES;
  }

  /** The text of a preset. */
  static String text(String name) {
    try (InputStream in = Presets.class.getResourceAsStream("configs/" + name + ".yaml")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A preset's values on top of the schema's defaults. */
  static Settings load(String name, Schema schema) {
    return schema.yaml(schema.defaults(), text(name), "the preset '" + name + "'");
  }

  /**
   * The values of {@code --config}: a preset, or a file's on top of the preset {@code default}.
   *
   * @param underFile what is made of a preset's values before a file's come on top
   * @throws WrongUseException if there is neither such a preset nor such a file, or the file does
   *     not fit the schema
   */
  static Settings resolve(String config, Schema schema, UnaryOperator<Settings> underFile) {
    Optional<String> preset = NAMES.stream().filter(config::equalsIgnoreCase).findFirst();
    if (preset.isPresent()) {
      return underFile.apply(load(preset.get(), schema));
    }
    if (!isFile(config)) {
      throw new WrongUseException(
          "--config "
              + config
              + ": there is no such file, and "
              + Names.unknown("preset", config, NAMES).getMessage());
    }
    return schema.file(underFile.apply(load(DEFAULT, schema)), Path.of(config));
  }

  private static boolean isFile(String text) {
    try {
      return Files.isRegularFile(Path.of(text));
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
