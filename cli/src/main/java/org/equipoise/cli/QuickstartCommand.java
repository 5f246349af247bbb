package org.equipoise.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.equipoise.core.io.Json;
import org.equipoise.data.CanonicalPosts;
import org.equipoise.data.DataOptions;
import org.equipoise.data.DataSpec;
import org.equipoise.lab.run.Quickstart;
import org.equipoise.lab.run.RunFolder;
import org.equipoise.lab.run.TrainJob;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quickstart}: the main job on posts that are made up. */
@Command(
    name = "quickstart",
    description =
        "Makes up posts, encodes them, trains on them, evaluates and reports: the main job, from end"
            + " to end.")
final class QuickstartCommand extends EquipoiseCommand {
  private static final String POSTS = "posts.jsonl";

  @Option(
      names = "--out",
      paramLabel = "run/",
      defaultValue = "run",
      description = "The run's folder (default: ${DEFAULT-VALUE}).")
  private Path out;

  @Option(
      names = "--overwrite",
      description = "Remove the run that is in the folder and start anew.")
  private boolean overwrite;

  @Mixin private ConfigArguments config;
  @Mixin private DeviceOption device;
  @Mixin private JsonOption json;

  @Override
  void run(Console console) throws IOException {
    device.require();
    if (!json.asked()) {
      console.line(Quickstart.NOTICE);
      console.out().flush();
    }
    TrainJob.Outcome outcome =
        Quickstart.run(
            out,
            config.settings(Presets.QUICKSTART, OptionalLong.empty()),
            overwrite,
            threads(),
            progress());
    RunFolder folder = outcome.folder();
    if (!outcome.alreadyFinished()) {
      writePosts(folder);
    }
    if (json.asked()) {
      console.json(RunText.json(folder));
    } else if (outcome.alreadyFinished()) {
      console.line(
          folder.path() + " is finished already; nothing was done (--overwrite starts anew)");
    } else {
      RunText.lines(folder).forEach(console::line);
    }
  }

  /** The posts lie in the cache; here they are at hand for the next command. */
  private void writePosts(RunFolder folder) throws IOException {
    Path posts = folder.path().resolve(POSTS);
    JsonNode provenance = Json.read(folder.provenance());
    CanonicalPosts.importFrom(
        DataSpec.parse(
            provenance.path("data").path("data").asText(),
            DataOptions.DEFAULT.withThreads(threads())),
        posts,
        progress());
  }
}
