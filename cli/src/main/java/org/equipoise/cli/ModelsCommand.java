package org.equipoise.cli;

import picocli.CommandLine.Command;

/** {@code models}: what turns posts into features. */
@Command(
    name = "models",
    description = "The encoders that turn posts into features.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ModelsListCommand.class})
final class ModelsCommand {}
