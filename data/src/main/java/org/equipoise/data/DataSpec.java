package org.equipoise.data;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.equipoise.core.Names;
import org.equipoise.core.WrongUseException;

/**
 * Which posts to read, and how: what {@code --data} says.
 *
 * @param format the layout
 * @param path the file or folder
 * @param options how to read it
 */
public record DataSpec(DataFormat format, Path path, DataOptions options) {
  /** Two letters at least, so that a Windows drive is no format. */
  private static final Pattern PREFIXED = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+):(.*)");

  /**
   * Reads {@code FORMAT:PATH}, or the path of a canonical file.
   *
   * @throws WrongUseException if there is no such format, or no path
   */
  public static DataSpec parse(String text, DataOptions options) {
    Matcher matcher = PREFIXED.matcher(text);
    if (!matcher.matches() || exists(text)) {
      return new DataSpec(DataFormat.CANONICAL, path(text), options);
    }
    String prefix = matcher.group(1);
    if (!DataFormat.prefixes().contains(prefix.toLowerCase(Locale.ROOT))) {
      throw Names.unknown("data format", prefix, DataFormat.prefixes());
    }
    DataFormat format = Names.choose("data format", prefix, DataFormat.values(), DataFormat::id);
    return new DataSpec(format, path(matcher.group(2)), options);
  }

  /** The format and the last part of the path: a name for people. */
  public String name() {
    Path last = path.toAbsolutePath().normalize().getFileName();
    String place = last == null ? path.toString() : last.toString();
    return format == DataFormat.CANONICAL ? place : format.id() + ":" + place;
  }

  /** As it is typed. */
  @Override
  public String toString() {
    return format == DataFormat.CANONICAL ? path.toString() : format.id() + ":" + path;
  }

  private static boolean exists(String text) {
    try {
      return Files.exists(Path.of(text));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static Path path(String text) {
    if (text.isBlank()) {
      throw new WrongUseException("no path given: write FORMAT:PATH or the path of a posts file");
    }
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new WrongUseException("'" + text + "' is not a path: " + e.getReason(), e);
    }
  }
}
