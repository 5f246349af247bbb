package org.equipoise.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.equipoise.core.WrongUseException;
import org.equipoise.data.DataSpec;
import org.equipoise.lab.run.RunFolder;
import org.equipoise.lab.run.SplitChoice;
import org.equipoise.lab.run.TrainJob;
import org.equipoise.lab.run.TrainRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code train}: posts → a run. */
@Command(
    name = "train",
    description =
        "Trains a system, ends with its one evaluation and a report; begun before, it goes on where"
            + " it stopped.")
final class TrainCommand extends EquipoiseCommand {
  @Mixin private DataArguments.Required data;

  @Option(
      names = "--features",
      paramLabel = "F",
      description = "A folder that encode wrote (default: encode into the cache).")
  private Path features;

  @Mixin private SplitArguments split;

  @Option(
      names = "--splits",
      paramLabel = "S",
      description = "A file that data split wrote, instead of splitting now.")
  private Path splits;

  @Option(
      names = "--fold",
      paramLabel = "i",
      description = "Which fold, counted from 0 (default: 0).")
  private int fold;

  @Mixin private EncodingArguments encoding;
  @Mixin private ConfigArguments config;
  @Mixin private DeviceOption device;
  @Mixin private JsonOption json;

  @Option(
      names = "--no-evaluate",
      description = "Leave the test posts alone; evaluate reads them later.")
  private boolean noEvaluate;

  @Option(
      names = "--overwrite",
      description = "Remove the run that is in the folder and start anew.")
  private boolean overwrite;

  @Option(names = "--out", required = true, paramLabel = "run/", description = "The run's folder.")
  private Path out;

  @Override
  void run(Console console) throws IOException {
    device.require();
    int threads = threads();
    DataSpec posts = data.spec(split.seed(), threads);
    TrainRequest request =
        new TrainRequest(
            posts,
            Optional.ofNullable(features),
            config.settings(Presets.DEFAULT, split.givenSeed()),
            choice(),
            fold,
            out,
            !noEvaluate,
            overwrite,
            threads,
            encoding.options(threads),
            Optional.empty());
    TrainJob.Outcome outcome = new TrainJob(request, progress()).run();
    RunFolder folder = outcome.folder();
    outcome.warnings().forEach(warning -> console.err().println("equipoise: " + warning));
    if (json.asked()) {
      console.json(RunText.json(folder));
    } else if (outcome.alreadyFinished()) {
      console.line(
          folder.path() + " is finished already; nothing was done (--overwrite starts anew)");
    } else if (noEvaluate) {
      console.line(
          "%s is trained; 'equipoise evaluate %s' reads its test posts"
              .formatted(folder.path(), folder.path()));
    } else {
      RunText.lines(folder).forEach(console::line);
    }
  }

  private SplitChoice choice() {
    if (splits != null) {
      if (split.anythingAsked()) {
        throw new WrongUseException(
            "--splits has decided who tests; leave out --protocol, --folds and --test-events");
      }
      return new SplitChoice.Stored(splits);
    }
    if (fold != 0 && fold >= split.folds()) {
      throw new WrongUseException(
          "there is no fold %d of %d: they are counted from 0".formatted(fold, split.folds()));
    }
    return new SplitChoice.Made(split.protocol(), split.folds(), split.testEvents(), split.seed());
  }
}
