package org.equipoise.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The folder that a release consists of, as the build has just made it, and its processes. */
final class BuiltProgram {
  private static final long LONGEST_MINUTES = 10;

  private BuiltProgram() {}

  /** The release folder. */
  static Path folder() {
    return Path.of(System.getProperty("equipoise.program"));
  }

  /** {@code bin/equipoise}. */
  static Path script() {
    return folder().resolve("bin").resolve("equipoise");
  }

  /** Runs a command to its end in a process of its own. */
  static Cli.Answer run(Path workingFolder, Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile("equipoise", ".out");
    Path err = Files.createTempFile("equipoise", ".err");
    try {
      Process process =
          start(workingFolder, environment, out, err, new ArrayList<>(Arrays.asList(command)));
      if (!process.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new AssertionError("still running: " + String.join(" ", command));
      }
      return new Cli.Answer(process.exitValue(), Files.readString(out), Files.readString(err));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  /** Starts a command whose output goes to the files. */
  static Process start(
      Path workingFolder, Map<String, String> environment, Path out, Path err, List<String> command)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(workingFolder.toFile())
            .redirectInput(new java.io.File("/dev/null"))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }
}
