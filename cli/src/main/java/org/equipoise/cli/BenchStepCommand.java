package org.equipoise.cli;

import org.equipoise.core.config.Settings;
import org.equipoise.lab.bench.StepBench;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code bench step}. */
@Command(
    name = "step",
    description =
        "A training step at the paper's size: all of it, its parts, and its matrix products alone.")
final class BenchStepCommand extends EquipoiseCommand {
  @Mixin private BenchNetworkArguments network;
  @Mixin private RepeatsOption repeats;
  @Mixin private JsonOption json;

  @Override
  void run(Console console) {
    Settings settings = network.settings();
    StepBench bench =
        new StepBench(
            network.system(settings), settings, network.tokens(), threads(), repeats.count());
    MeasurementText.print(bench.run(), json.asked(), console);
  }
}
