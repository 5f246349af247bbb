package org.equipoise.cli;

import java.io.IOException;
import java.util.Optional;
import org.equipoise.core.Form;
import org.equipoise.data.DataSpec;
import org.equipoise.lab.bench.EncodeBench;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench encode}. */
@Command(
    name = "encode",
    description =
        "Turning posts into a feature store, stage by stage: those of --data, else demo posts.")
final class BenchEncodeCommand extends EquipoiseCommand {
  @Mixin private DataArguments.Given data;

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

  @Option(names = "--seed", paramLabel = "s", description = "Draws the sample (default: 1).")
  private long seed = SplitArguments.DEFAULT_SEED;

  @Mixin private EncodingArguments.WithDevice encoding;
  @Mixin private RepeatsOption.OnceForData repeats;
  @Mixin private JsonOption json;

  @Override
  void run(Console console) throws IOException {
    int threads = threads();
    Optional<DataSpec> posts = data.spec(seed, threads);
    EncodeBench bench =
        new EncodeBench(
            encoders,
            Form.of(form),
            encoding.options(threads),
            repeats.count(posts.isPresent()),
            posts);
    MeasurementText.print(bench.run(progress()), json.asked(), console);
  }
}
