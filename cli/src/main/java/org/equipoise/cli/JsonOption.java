package org.equipoise.cli;

import picocli.CommandLine.Option;

/** Of every command that reports. */
final class JsonOption {
  @Option(names = "--json", description = "Print one JSON document instead of a text.")
  private boolean json;

  boolean asked() {
    return json;
  }
}
