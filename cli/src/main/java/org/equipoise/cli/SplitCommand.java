package org.equipoise.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.equipoise.core.Post;
import org.equipoise.data.DataFiles;
import org.equipoise.data.DataSpec;
import org.equipoise.data.Dataset;
import org.equipoise.data.Protocol;
import org.equipoise.data.Splits;
import org.equipoise.data.Splitter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code data split}: who trains, validates and tests. */
@Command(
    name = "split",
    description = "Divides posts: 20 %% test, 10 %% of the rest validation, the rest training.")
final class SplitCommand extends EquipoiseCommand {
  @Mixin private DataArguments.Required data;
  @Mixin private SplitArguments split;
  @Mixin private JsonOption json;

  @Option(names = "--out", required = true, paramLabel = "splits.json", description = "The file.")
  private Path out;

  @Override
  void run(Console console) throws IOException {
    OutputPaths.requireFile(out, "--out");
    Optional<Protocol> asked = split.protocol();
    DataSpec spec = data.spec(split.seed(), threads());
    DataFiles.requireOther(spec, out);
    Dataset posts = Dataset.load(spec, progress()).participating();
    Protocol protocol = asked.orElseGet(() -> Splitter.defaultProtocol(posts));
    Splits splits =
        Splitter.split(
            posts, new Splitter.Options(protocol, split.folds(), split.testEvents(), split.seed()));
    splits.write(out);
    if (json.asked()) {
      console.json(counts(splits));
      return;
    }

    console.line(
        String.format(
            Locale.ROOT,
            "%s: %s, seed %d, %,d posts, incomplete posts: %s",
            out,
            protocol.id(),
            splits.seed(),
            posts.posts().size(),
            splits.incomplete().id()));
    Map<String, String> labels = new TreeMap<>();
    for (Post post : posts.posts()) {
      labels.put(post.id(), post.label().orElseThrow());
    }
    TextTable table = new TextTable();
    for (int i = 0; i < splits.folds().size(); i++) {
      Splits.Fold fold = splits.fold(i);
      String name = splits.folds().size() == 1 ? "" : "fold " + i;
      part(table, name, "training", fold.train(), labels);
      part(table, "", "validation", fold.validation(), labels);
      part(table, "", "test", fold.test(), labels);
    }
    table.lines().forEach(console::line);
  }

  private static Map<String, Object> counts(Splits splits) {
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("protocol", splits.protocol().id());
    counts.put("seed", splits.seed());
    counts.put("incomplete", splits.incomplete().id());
    counts.put(
        "folds",
        splits.folds().stream()
            .map(
                fold -> {
                  Map<String, Integer> posts = new LinkedHashMap<>();
                  posts.put("train", fold.train().size());
                  posts.put("validation", fold.validation().size());
                  posts.put("test", fold.test().size());
                  return posts;
                })
            .toList());
    return counts;
  }

  private static void part(
      TextTable table, String fold, String name, List<String> ids, Map<String, String> labels) {
    Map<String, Integer> counts = new TreeMap<>();
    ids.forEach(id -> counts.merge(labels.get(id), 1, Integer::sum));
    table.row(
        "  " + fold,
        name,
        String.format(Locale.ROOT, "%,d", ids.size()),
        String.join(
            ", ",
            counts.entrySet().stream()
                .map(
                    entry -> String.format(Locale.ROOT, "%,d %s", entry.getValue(), entry.getKey()))
                .toList()));
  }
}
