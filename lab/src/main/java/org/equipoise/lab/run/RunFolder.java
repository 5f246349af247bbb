package org.equipoise.lab.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.equipoise.core.WrongUseException;
import org.equipoise.lab.evaluation.Evaluation;
import org.equipoise.lab.report.Report;
import org.equipoise.training.Trainer;

/**
 * Where everything of a run lies.
 *
 * @param path the folder itself
 */
public record RunFolder(Path path) {
  private static final String PROVENANCE = "provenance.json";

  /** The resolved configuration. */
  public Path config() {
    return path.resolve("config.yaml");
  }

  /** Data, features, seeds, versions, machine. */
  public Path provenance() {
    return path.resolve(PROVENANCE);
  }

  /** The ids of the run's training, validation and test posts. */
  public Path splits() {
    return path.resolve("splits.json");
  }

  /** Posts that took no part, with their reasons. */
  public Path skipped() {
    return path.resolve("skipped.jsonl");
  }

  /** Figures on the test posts. */
  public Path evaluation() {
    return path.resolve(Evaluation.FILE);
  }

  /** A verdict for each test post. */
  public Path predictions() {
    return path.resolve("predictions.jsonl");
  }

  /** All of it for people. */
  public Path report() {
    return path.resolve(Report.FILE);
  }

  /** One line for each epoch. */
  public Path metrics() {
    return path.resolve(Trainer.METRICS);
  }

  /** Whether a run was started here. */
  public boolean started() {
    return Files.exists(provenance());
  }

  /**
   * Opens a run that was started earlier.
   *
   * @throws WrongUseException if the folder is none; the message says what is missing
   */
  public static RunFolder open(Path path) {
    if (!Files.isDirectory(path)) {
      throw new WrongUseException(
          path + " is not a run folder: it is " + (Files.exists(path) ? "a file" : "not there"));
    }
    RunFolder folder = new RunFolder(path);
    if (!folder.started()) {
      throw new WrongUseException(
          path + " is not a run folder: it has no " + PROVENANCE + "; 'train --out' makes one");
    }
    return folder;
  }

  /**
   * Makes the folder for a new run, or finds the run that is there.
   *
   * @param overwrite whether a run that is there is removed first
   * @throws WrongUseException if the path is a file, or a folder with other things in it
   */
  static RunFolder create(Path path, boolean overwrite) {
    RunFolder folder = new RunFolder(path);
    try {
      if (Files.exists(path) && !Files.isDirectory(path)) {
        throw new WrongUseException("--out " + path + " is a file; a run needs a folder");
      }
      if (Files.isDirectory(path) && !folder.started() && !empty(path)) {
        throw new WrongUseException(
            "--out " + path + " holds other things than a run; choose a new or an empty folder");
      }
      if (overwrite && folder.started()) {
        delete(path);
      }
      Files.createDirectories(path);
      return folder;
    } catch (IOException e) {
      throw new WrongUseException(
          "cannot make the folder --out " + path + ": " + e.getMessage(), e);
    }
  }

  private static boolean empty(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.findAny().isEmpty();
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> entries;
    try (Stream<Path> walk = Files.walk(folder)) {
      entries = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path entry : entries) {
      Files.delete(entry);
    }
  }
}
