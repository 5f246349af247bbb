package org.equipoise.cli;

import picocli.CommandLine.Command;

/** {@code data}: what can be done with posts before anything is trained. */
@Command(
    name = "data",
    description = "Reads posts: import, statistics, splits, leak audit.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ImportCommand.class, StatsCommand.class, SplitCommand.class, AuditCommand.class})
final class DataCommand {}
