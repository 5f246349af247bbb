package org.equipoise.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.equipoise.core.io.AtomicFiles;

/** A run's {@code metrics.jsonl}: one line an epoch, appended as training goes. */
final class MetricsLog {
  private final Path file;

  private MetricsLog(Path file) {
    this.file = file;
  }

  /** Opens the log and drops the lines after an epoch, whose checkpoint was never written. */
  static MetricsLog open(Path file, int lastEpoch) throws IOException {
    List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
    StringBuilder kept = new StringBuilder();
    lines.stream().limit(lastEpoch).forEach(line -> kept.append(line).append('\n'));
    AtomicFiles.write(file, kept.toString());
    return new MetricsLog(file);
  }

  void append(String line) throws IOException {
    Files.writeString(file, line + "\n", StandardOpenOption.APPEND);
  }
}
