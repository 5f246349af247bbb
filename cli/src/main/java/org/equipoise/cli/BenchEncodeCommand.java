package org.equipoise.cli;

import java.io.IOException;
import org.equipoise.core.Form;
import org.equipoise.lab.bench.EncodeBench;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench encode}. */
@Command(name = "encode", description = "Turning posts into features.")
final class BenchEncodeCommand extends EquipoiseCommand {
  @Option(
      names = "--encoders",
      paramLabel = "E",
      defaultValue = "builtin",
      description = "A preset's name or a YAML file (default: ${DEFAULT-VALUE}).")
  private String encoders;

  @Option(
      names = "--form",
      paramLabel = "tokens|pooled",
      defaultValue = "pooled",
      description = "A row for each token, or one for each post (default: ${DEFAULT-VALUE}).")
  private String form;

  @Mixin private RepeatsOption repeats;
  @Mixin private JsonOption json;

  @Override
  void run(Console console) throws IOException {
    EncodeBench bench = new EncodeBench(encoders, Form.of(form), threads(), repeats.count());
    MeasurementText.print(bench.run(), json.asked(), console);
  }
}
