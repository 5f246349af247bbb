package org.equipoise.cli;

import org.equipoise.core.config.Settings;
import org.equipoise.lab.bench.PredictBench;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code bench predict}. */
@Command(
    name = "predict",
    description = "Scoring posts of the paper's widths whose features are at hand.")
final class BenchPredictCommand extends EquipoiseCommand {
  @Mixin private BenchNetworkArguments network;
  @Mixin private RepeatsOption repeats;
  @Mixin private JsonOption json;

  @Override
  void run(Console console) {
    Settings settings = network.settings();
    PredictBench bench =
        new PredictBench(
            network.system(settings), settings, network.tokens(), threads(), repeats.count());
    MeasurementText.print(bench.run(), json.asked(), console);
  }
}
