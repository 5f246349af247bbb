package org.equipoise.cli;

import org.equipoise.core.WrongUseException;
import picocli.CommandLine.Option;

/** How often something is measured. */
final class RepeatsOption {
  private static final int DEFAULT = 30;

  @Option(
      names = "--repeats",
      paramLabel = "n",
      description = "How often it is measured, after warming up (default: " + DEFAULT + ").")
  private int repeats = DEFAULT;

  int count() {
    if (repeats < 1) {
      throw new WrongUseException("--repeats must be at least 1, not " + repeats);
    }
    return repeats;
  }
}
