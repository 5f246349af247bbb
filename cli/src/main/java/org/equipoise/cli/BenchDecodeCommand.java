package org.equipoise.cli;

import org.equipoise.lab.bench.DecodeBench;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code bench decode}. */
@Command(name = "decode", description = "Decoding pictures.")
final class BenchDecodeCommand extends EquipoiseCommand {
  @Mixin private RepeatsOption repeats;
  @Mixin private JsonOption json;

  @Override
  void run(Console console) {
    MeasurementText.print(new DecodeBench(repeats.count()).run(), json.asked(), console);
  }
}
