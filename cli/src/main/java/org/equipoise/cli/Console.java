package org.equipoise.cli;

import java.io.PrintStream;
import org.equipoise.core.Progress;
import org.equipoise.core.io.Json;

/**
 * Where a command answers.
 *
 * @param out standard output: answers alone
 * @param err standard error: progress, notes, failures
 * @param terminal whether a person watches {@code err}, so that bars may be drawn
 */
record Console(PrintStream out, PrintStream err, boolean terminal) {
  /** One JSON document, indented. */
  void json(Object value) {
    out.print(Json.pretty(value));
    out.flush();
  }

  /** Lines of an answer, each of which ends with a line break. */
  void text(String lines) {
    out.print(lines);
  }

  /** A line of an answer. */
  void line(String text) {
    out.println(text);
  }

  /** How long work tells how far it is. */
  Progress progress(boolean quiet) {
    if (quiet) {
      return Progress.NONE;
    }
    return terminal ? new ProgressBars(err) : new ProgressLines(err, System::nanoTime);
  }
}
