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
    return positive(repeats);
  }

  /** How often, where a repeat with posts or pictures of one's own may take long. */
  static final class OnceForData {
    @Option(
        names = "--repeats",
        paramLabel = "n",
        description =
            "How often it is measured (default: " + DEFAULT + "; with one's own data once).")
    private Integer repeats;

    int count(boolean ownData) {
      if (repeats == null) {
        return ownData ? 1 : DEFAULT;
      }
      return positive(repeats);
    }
  }

  private static int positive(int repeats) {
    if (repeats < 1) {
      throw new WrongUseException("--repeats must be at least 1, not " + repeats);
    }
    return repeats;
  }
}
