package org.equipoise.cli;

import picocli.CommandLine.Command;

/** {@code version}: as {@code --version}. */
@Command(name = "version", description = "Prints the version.")
final class VersionCommand extends EquipoiseCommand {
  @Override
  void run(Console console) {
    console.line(new Version().getVersion()[0]);
  }
}
