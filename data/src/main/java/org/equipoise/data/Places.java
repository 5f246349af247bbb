package org.equipoise.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.equipoise.core.WrongUseException;

/** Files and folders that a reader was pointed at, or a message that says what it expected. */
final class Places {
  private Places() {}

  static void requireExists(Path path, DataFormat format) {
    if (!Files.exists(path)) {
      throw new WrongUseException(
          "there is no " + path + ": " + format.id() + " posts are read from " + format.expects());
    }
  }

  static Path file(Path path, DataFormat format) {
    requireExists(path, format);
    if (Files.isDirectory(path)) {
      throw new WrongUseException(
          path + " is a folder: " + format.id() + " posts are read from " + format.expects());
    }
    return path;
  }

  static Path folder(Path path, DataFormat format) {
    requireExists(path, format);
    if (!Files.isDirectory(path)) {
      throw new WrongUseException(
          path + " is a file: " + format.id() + " posts are read from " + format.expects());
    }
    return path;
  }

  /** The folder in which a file lies. */
  static Path parent(Path file) {
    Path parent = file.getParent();
    return parent == null ? Path.of("") : parent;
  }

  /** What lies in the folder, sorted by name; nothing if it is absent. */
  static List<Path> list(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(folder)) {
      return children.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The folders of images that lie in the given one, known by their names. */
  static List<Path> imageFolders(Path folder) {
    return list(folder).stream()
        .filter(Files::isDirectory)
        .filter(child -> child.getFileName().toString().toLowerCase(Locale.ROOT).contains("image"))
        .toList();
  }

  /** Files by their names without the ending, at any depth; the first by path where two agree. */
  static Map<String, Path> filesByStem(List<Path> folders) {
    Map<String, Path> files = new HashMap<>();
    for (Path folder : folders) {
      try (Stream<Path> all = Files.walk(folder)) {
        all.filter(Files::isRegularFile)
            .sorted()
            .forEach(file -> files.putIfAbsent(stem(file.getFileName().toString()), file));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return files;
  }

  private static String stem(String name) {
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }
}
