package org.equipoise.lab.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.io.WorkLock;
import org.equipoise.lab.evaluation.Evaluation;
import org.equipoise.lab.floors.Floors;
import org.equipoise.lab.report.Report;
import org.equipoise.training.Trainer;

/**
 * Where everything of a run lies.
 *
 * @param path the folder itself
 */
public record RunFolder(Path path) {
  private static final String PROVENANCE = "provenance.json";
  private static final String CONFIG = "config.yaml";
  private static final String SPLITS = "splits.json";
  private static final String SKIPPED = "skipped.jsonl";
  private static final String PREDICTIONS = "predictions.jsonl";
  private static final String LOCK = ".lock";
  private static final String PARTIAL = ".partial";

  /** Everything that a run writes into its folder. */
  private static final List<String> OWN =
      List.of(
          PROVENANCE,
          CONFIG,
          SPLITS,
          SKIPPED,
          PREDICTIONS,
          Evaluation.FILE,
          Report.FILE,
          Floors.FILE,
          Trainer.METRICS,
          Trainer.BEST,
          Trainer.LAST,
          Trainer.ALONE);

  /** The resolved configuration. */
  public Path config() {
    return path.resolve(CONFIG);
  }

  /** Data, features, seeds, versions, machine. */
  public Path provenance() {
    return path.resolve(PROVENANCE);
  }

  /** The ids of the run's training, validation and test posts. */
  public Path splits() {
    return path.resolve(SPLITS);
  }

  /** Posts that took no part, with their reasons. */
  public Path skipped() {
    return path.resolve(SKIPPED);
  }

  /** Figures on the test posts. */
  public Path evaluation() {
    return path.resolve(Evaluation.FILE);
  }

  /** A verdict for each test post. */
  public Path predictions() {
    return path.resolve(PREDICTIONS);
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
   * Makes the folder for a new run, or finds the run that is there. A run that is there is left as
   * it is: {@link #clear} removes it, once everything that was asked for has been found.
   *
   * @throws WrongUseException if the path is a file, or a folder with other things in it
   */
  static RunFolder create(Path path) {
    RunFolder folder = new RunFolder(path);
    try {
      if (Files.exists(path) && !Files.isDirectory(path)) {
        throw new WrongUseException("--out " + path + " is a file; a run needs a folder");
      }
      if (Files.isDirectory(path) && !folder.started() && !folder.vacant()) {
        throw new WrongUseException(
            "--out " + path + " holds other things than a run; choose a new or an empty folder");
      }
      Files.createDirectories(path);
      return folder;
    } catch (IOException e) {
      throw new WrongUseException(
          "cannot make the folder --out " + path + ": " + e.getMessage(), e);
    }
  }

  /**
   * Keeps other processes from training in this folder.
   *
   * @throws WrongUseException if one does
   */
  WorkLock lock() throws IOException {
    return WorkLock.take(path.resolve(LOCK), path.toString());
  }

  /** Removes what a run is made of; whatever else lies in the folder stays. */
  void clear() throws IOException {
    // without it nothing counts as a run, so a process that dies here leaves no half of one
    Files.deleteIfExists(provenance());
    for (String name : OWN) {
      remove(path.resolve(name));
      Files.deleteIfExists(path.resolve(name + PARTIAL));
    }
  }

  private static void remove(Path entry) throws IOException {
    if (Files.isDirectory(entry)) {
      List<Path> within;
      try (Stream<Path> entries = Files.list(entry)) {
        within = entries.toList();
      }
      for (Path inner : within) {
        remove(inner);
      }
    }
    Files.deleteIfExists(entry);
  }

  /** Whether it is empty, or a process died while it started a run here. */
  private boolean vacant() throws IOException {
    List<String> names;
    try (Stream<Path> entries = Files.list(path)) {
      names = entries.map(entry -> entry.getFileName().toString()).toList();
    }
    return names.isEmpty()
        || names.contains(LOCK)
            && names.stream()
                .allMatch(name -> name.equals(LOCK) || OWN.contains(name.replace(PARTIAL, "")));
  }
}
