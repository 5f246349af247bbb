package org.equipoise.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.equipoise.encoders.hub.Models;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code models verify}: every fetched file is hashed again. */
@Command(
    name = "verify",
    description =
        "Hashes every fetched file again, and those of Python's cache that were used; ends with 1"
            + " if one is broken.")
final class ModelsVerifyCommand extends EquipoiseCommand {
  @Mixin private JsonOption json;

  @Override
  void run(Console console) throws IOException {
    Models.Check check = Models.ofEnvironment().verify(progress());
    List<Models.Broken> broken = check.broken();
    if (json.asked()) {
      Map<String, Object> answer = new LinkedHashMap<>();
      answer.put("files", check.files());
      answer.put("bytes", check.bytes());
      answer.put("broken", broken.stream().map(ModelsVerifyCommand::entry).toList());
      console.json(answer);
    } else {
      for (Models.Broken one : broken) {
        console.line(
            "broken: %s of %s: %s (%s)".formatted(one.path(), one.id(), one.problem(), one.file()));
      }
      console.line(
          check.files() == 0
              ? "no fetched models on this machine"
              : "%,d files hashed, %s; %s"
                  .formatted(
                      check.files(),
                      FileSizes.inWords(check.bytes()),
                      broken.isEmpty() ? "all are what the hub lists" : broken.size() + " broken"));
    }
    if (!broken.isEmpty()) {
      throw new IOException(
          "%d of %d files are broken; this fetches them anew: %s"
              .formatted(broken.size(), check.files(), String.join(" && ", remedies(broken))));
    }
  }

  private static Map<String, Object> entry(Models.Broken broken) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("model", broken.id());
    entry.put("commit", broken.commit());
    entry.put("path", broken.path());
    entry.put("file", broken.file().toString());
    entry.put("problem", broken.problem());
    return entry;
  }

  /** A command for each model that has broken files. */
  private static List<String> remedies(List<Models.Broken> broken) {
    Map<String, List<Models.Broken>> byModel =
        broken.stream()
            .collect(
                Collectors.groupingBy(
                    one -> one.id() + " --revision " + one.commit(),
                    LinkedHashMap::new,
                    Collectors.toList()));
    List<String> remedies = new ArrayList<>();
    byModel.forEach(
        (model, files) ->
            remedies.add(
                "equipoise models pull "
                    + model
                    + files.stream()
                        .map(file -> " --file " + file.path())
                        .collect(Collectors.joining())));
    return remedies;
  }
}
