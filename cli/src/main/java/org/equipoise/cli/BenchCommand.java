package org.equipoise.cli;

import picocli.CommandLine.Command;

/** {@code bench}: how fast this machine is at what Equipoise does. */
@Command(
    name = "bench",
    description = "Measures this machine: a training step, scoring, encoding, decoding.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      BenchStepCommand.class,
      BenchPredictCommand.class,
      BenchEncodeCommand.class,
      BenchDecodeCommand.class
    })
final class BenchCommand {}
