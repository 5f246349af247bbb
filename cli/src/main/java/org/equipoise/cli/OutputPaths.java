package org.equipoise.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.equipoise.core.WrongUseException;

/** Whether a place that was named can take what is to be written there. */
final class OutputPaths {
  private OutputPaths() {}

  /**
   * @throws WrongUseException if there is a folder, or a file where its folder should be
   */
  static void requireFile(Path file, String option) {
    if (Files.isDirectory(file)) {
      throw new WrongUseException("%s %s is a folder: name a file in it".formatted(option, file));
    }
    requireNoFileAbove(file, option);
  }

  /**
   * @throws WrongUseException if there is a file, or a file where a folder above it should be
   */
  static void requireFolder(Path folder, String option) {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new WrongUseException(
          "%s %s is a file: name a folder, new or begun before".formatted(option, folder));
    }
    requireNoFileAbove(folder, option);
  }

  private static void requireNoFileAbove(Path path, String option) {
    for (Path above = path.toAbsolutePath().getParent(); above != null; above = above.getParent()) {
      if (Files.isDirectory(above)) {
        return;
      }
      if (Files.exists(above)) {
        throw new WrongUseException(
            "%s %s cannot be written: %s is a file, not a folder".formatted(option, path, above));
      }
    }
  }
}
