package org.equipoise.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.io.Hashes;

/** The files that posts are read from, the images aside. */
public final class DataFiles {
  private static final Set<String> ENDINGS = Set.of("txt", "tsv", "csv");

  /** A data set's tables lie in its folder, or in a folder in that. */
  private static final int DEPTH = 2;

  private DataFiles() {}

  /**
   * A hash of the files' content: another one where posts were added, changed or removed.
   *
   * @throws IOException if one cannot be read
   */
  public static String sha256(DataSpec data) throws IOException {
    StringBuilder all = new StringBuilder();
    for (Path file : of(data)) {
      all.append(Hashes.sha256(file)).append('\n');
    }
    return Hashes.sha256(all.toString());
  }

  /**
   * Makes sure that writing a file leaves the posts alone that are read.
   *
   * @throws WrongUseException if it is one of their files, by whatever path
   * @throws IOException if the disk fails
   */
  public static void requireOther(DataSpec data, Path out) throws IOException {
    if (!Files.exists(out) || !Files.exists(data.path())) {
      return;
    }
    for (Path file : of(data)) {
      if (Files.isSameFile(file, out)) {
        throw new WrongUseException(
            "--out %s is what --data reads, and would be lost: name another file".formatted(out));
      }
    }
  }

  private static List<Path> of(DataSpec data) throws IOException {
    if (!Files.isDirectory(data.path())) {
      // what comes through a pipe can be read but once
      return Files.isRegularFile(data.path()) ? List.of(data.path()) : List.of();
    }
    try (Stream<Path> files = Files.walk(data.path(), DEPTH)) {
      return files.filter(DataFiles::isTable).sorted().toList();
    }
  }

  private static boolean isTable(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1)) && Files.isRegularFile(file);
  }
}
