package org.equipoise.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.equipoise.data.CanonicalPosts;
import org.equipoise.data.DataFiles;
import org.equipoise.data.DataSpec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code data import}: any layout → canonical posts. */
@Command(
    name = "import",
    description = "Writes canonical posts, and beside them why each post was left out that was.")
final class ImportCommand extends EquipoiseCommand {
  @Mixin private DataArguments.Required data;
  @Mixin private JsonOption json;

  @Option(names = "--seed", paramLabel = "s", description = "Draws the sample (default: 1).")
  private long seed = SplitArguments.DEFAULT_SEED;

  @Option(names = "--out", required = true, paramLabel = "posts.jsonl", description = "The file.")
  private Path out;

  @Override
  void run(Console console) throws IOException {
    OutputPaths.requireFile(out, "--out");
    DataSpec posts = data.spec(seed, threads());
    DataFiles.requireOther(posts, out);
    DataFiles.requireOther(posts, CanonicalPosts.skippedFile(out));
    CanonicalPosts.Imported imported = CanonicalPosts.importFrom(posts, out, progress());
    if (json.asked()) {
      Map<String, Object> counts = new LinkedHashMap<>();
      counts.put("posts", imported.posts());
      counts.put("skipped", imported.skipped());
      counts.put("skipped_file", imported.skippedFile().toString());
      console.json(counts);
      return;
    }
    console.line("%s: %s".formatted(out, count(imported.posts(), "post")));
    console.line(
        "%s: %s left out, each with its reason"
            .formatted(imported.skippedFile(), count(imported.skipped(), "post")));
  }

  private static String count(long number, String noun) {
    return String.format(Locale.ROOT, "%,d %s%s", number, noun, number == 1 ? "" : "s");
  }
}
