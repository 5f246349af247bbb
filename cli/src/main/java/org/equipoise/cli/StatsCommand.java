package org.equipoise.cli;

import org.equipoise.data.DataStats;
import org.equipoise.data.Dataset;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code data stats}: what a data set holds. */
@Command(
    name = "stats",
    description = "Counts posts, images, labels, events, languages, lengths, repetitions.")
final class StatsCommand extends EquipoiseCommand {
  @Mixin private DataArguments.Required data;
  @Mixin private JsonOption json;

  @Option(names = "--seed", paramLabel = "s", description = "Draws the sample (default: 1).")
  private long seed = SplitArguments.DEFAULT_SEED;

  @Override
  void run(Console console) {
    DataStats stats = DataStats.of(Dataset.load(data.spec(seed, threads()), progress()));
    if (json.asked()) {
      console.json(stats);
    } else {
      console.text(stats.toText());
    }
  }
}
