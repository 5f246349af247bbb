package org.equipoise.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.equipoise.core.io.Json;
import org.equipoise.data.DataSpec;
import org.equipoise.lab.evaluation.Evaluation;
import org.equipoise.lab.run.EvaluateJob;
import org.equipoise.lab.run.RunFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code evaluate}: a run and labelled posts → figures beside the floors. */
@Command(
    name = "evaluate",
    description =
        "Measures a run beside its floors: on its own test posts, or with --data on those posts.")
final class EvaluateCommand extends EquipoiseCommand {
  @Parameters(index = "0", paramLabel = "run/", description = "The run's folder.")
  private Path run;

  @Mixin private DataArguments.Given data;
  @Mixin private JsonOption json;
  @Mixin private DeviceOption device;

  @Option(names = "--seed", paramLabel = "s", description = "Draws the sample (default: 1).")
  private long seed = SplitArguments.DEFAULT_SEED;

  @Override
  void run(Console console) throws IOException {
    device.require();
    Optional<DataSpec> posts = data.spec(seed, threads());
    EvaluateJob job = new EvaluateJob(RunFolder.open(run), threads(), progress());
    Evaluation evaluation = posts.isPresent() ? job.on(posts.get()) : job.onTestPosts();
    Map<String, Object> figures = evaluation.toJson();
    if (json.asked()) {
      console.json(figures);
    } else {
      EvaluationText.lines(Json.MAPPER.valueToTree(figures)).forEach(console::line);
    }
  }
}
