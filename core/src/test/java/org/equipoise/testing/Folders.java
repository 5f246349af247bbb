package org.equipoise.testing;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** What tests need from outside: skipped with the remedy where it is missing, failed on CI. */
public final class Folders {
  private Folders() {}

  /** The golden vectors, {@code EQUIPOISE_GOLDEN}. */
  public static Path golden() {
    return require("EQUIPOISE_GOLDEN");
  }

  /** The real posts, {@code EQUIPOISE_DATA}. */
  public static Path data() {
    return require("EQUIPOISE_DATA");
  }

  /** The real encoders, {@code EQUIPOISE_MODELS}. */
  public static Path models() {
    return require("EQUIPOISE_MODELS");
  }

  /** A program on the path. */
  public static Path requireProgram(String name, String remedy) {
    for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
      Path program = Path.of(folder, name);
      if (Files.isExecutable(program)) {
        return program;
      }
    }
    return missing("no program '" + name + "': " + remedy);
  }

  private static Path require(String variable) {
    String value = System.getenv(variable);
    if (value == null || value.isBlank()) {
      return missing("set " + variable + " to the folder that this test reads");
    }
    if (!Files.isDirectory(Path.of(value))) {
      return missing(variable + " is not a folder: " + value);
    }
    return Path.of(value);
  }

  private static Path missing(String remedy) {
    if ("true".equals(System.getenv("CI"))) {
      Assertions.fail(remedy);
    }
    Assumptions.abort(remedy);
    throw new AssertionError("not reached");
  }
}
