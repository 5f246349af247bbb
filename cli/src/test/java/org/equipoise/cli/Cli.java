package org.equipoise.cli;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Runs commands within the test's own process. */
final class Cli {
  private Cli() {}

  /**
   * What a command answered.
   *
   * @param code its exit code
   * @param out all that it wrote to standard output
   * @param err all that it wrote to standard error
   */
  record Answer(int code, String out, String err) {}

  /** A console that nobody reads. */
  static Console silent() {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    return new Console(nowhere, nowhere, false);
  }

  static Answer run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false);
    int code = Equipoise.run(console, arguments);
    return new Answer(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
