package org.equipoise.cli;

import picocli.CommandLine.Command;

/** {@code models}: what turns posts into features. */
@Command(
    name = "models",
    description = "The encoders that turn posts into features, and the models that they are.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ModelsListCommand.class, ModelsPullCommand.class, ModelsVerifyCommand.class})
final class ModelsCommand {}
