package org.equipoise.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.equipoise.core.Form;
import org.equipoise.core.View;
import org.equipoise.data.Dataset;
import org.equipoise.encoders.EncodeJob;
import org.equipoise.encoders.EncoderModels;
import org.equipoise.encoders.EncoderPlan;
import org.equipoise.encoders.EncoderSet;
import org.equipoise.encoders.StoreManifest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code encode}: posts → features. */
@Command(
    name = "encode",
    description = "Turns posts into features; begun before, it goes on where it stopped.")
final class EncodeCommand extends EquipoiseCommand {
  @Mixin private DataArguments.Required data;
  @Mixin private EncodingArguments.WithDevice encoding;
  @Mixin private JsonOption json;

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

  @Option(
      names = "--dtype",
      paramLabel = "float32|float16",
      defaultValue = "float32",
      description = "How numbers are stored (default: ${DEFAULT-VALUE}).")
  private String dtype;

  @Option(names = "--seed", paramLabel = "s", description = "Draws the sample (default: 1).")
  private long seed = SplitArguments.DEFAULT_SEED;

  @Option(names = "--out", required = true, paramLabel = "features/", description = "The folder.")
  private Path out;

  @Override
  void run(Console console) {
    OutputPaths.requireFolder(out, "--out");
    Form asked = Form.of(form);
    EncoderSet set = EncoderSet.load(encoders);
    int threads = threads();
    EncoderPlan plan = new EncoderPlan(set, asked, encoding.options(threads));
    EncodeJob.Options options = new EncodeJob.Options(StoreManifest.dtype(dtype), threads);
    Dataset all = Dataset.load(data.spec(seed, threads), progress());
    Dataset posts = all.participating();

    EncoderModels.fetch(set, progress());
    EncodeJob job = new EncodeJob(plan, options);
    EncodeJob.Result result =
        job.run(posts.posts(), posts.posts().size(), posts.fingerprint(), out, progress());

    StoreManifest manifest = result.manifest();
    if (json.asked()) {
      console.json(counts(manifest, all.skipped().size()));
      return;
    }
    if (result.alreadyDone()) {
      console.line(out + " is finished already; nothing was done");
    }
    console.line(
        String.format(
            Locale.ROOT,
            "%s: %,d posts, %,d skipped, %s, %s",
            out,
            manifest.ids().size(),
            manifest.skipped(),
            asked.id(),
            dtype));
    TextTable table = new TextTable();
    for (View view : manifest.header().spec().views()) {
      table.row(
          "  " + view.name(),
          String.format(Locale.ROOT, "%,d", manifest.present(view.name())),
          "posts",
          view.width(),
          "wide");
    }
    table.lines().forEach(console::line);
    if (!all.skipped().isEmpty()) {
      console.line(
          String.format(
              Locale.ROOT,
              "%,d lines or posts were left out at reading; 'equipoise data import' lists each with its reason",
              all.skipped().size()));
    }
  }

  private static Map<String, Object> counts(StoreManifest manifest, int leftOut) {
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("posts", manifest.ids().size());
    counts.put("skipped", manifest.skipped());
    counts.put("left_out_at_reading", leftOut);
    Map<String, Object> views = new LinkedHashMap<>();
    for (View view : manifest.header().spec().views()) {
      Map<String, Object> of = new LinkedHashMap<>();
      of.put("posts", manifest.present(view.name()));
      of.put("width", view.width());
      views.put(view.name(), of);
    }
    counts.put("views", views);
    return counts;
  }
}
