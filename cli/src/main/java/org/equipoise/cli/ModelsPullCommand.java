package org.equipoise.cli;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.equipoise.core.Names;
import org.equipoise.core.WrongUseException;
import org.equipoise.encoders.EncoderModels;
import org.equipoise.encoders.EncoderModels.Need;
import org.equipoise.encoders.EncoderSet;
import org.equipoise.encoders.hub.ModelFiles;
import org.equipoise.encoders.hub.Models;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code models pull}: a hub's models → this machine. */
@Command(
    name = "pull",
    description =
        "Fetches models from the hub, once, and checks every byte; begun before, it goes on where"
            + " it stopped.")
final class ModelsPullCommand extends EquipoiseCommand {
  @Parameters(
      arity = "1..*",
      paramLabel = "NAME",
      description = "A preset, an encoders' YAML file, or a model of the hub, owner/name.")
  private List<String> names;

  @Option(
      names = "--revision",
      paramLabel = "R",
      description = "A model's branch, tag or commit (default: " + Models.DEFAULT_REVISION + ").")
  private String revision;

  @Option(
      names = "--file",
      paramLabel = "PATH",
      description = "Exactly this file of a model; may be repeated (default: what encoders need).")
  private List<String> files = List.of();

  @Mixin private JsonOption json;

  @Override
  void run(Console console) {
    List<Need> needs = new ArrayList<>();
    names.forEach(name -> needs.addAll(needs(name)));

    Models models = Models.ofEnvironment();
    List<Map<String, Object>> fetched = new ArrayList<>();
    for (Need need : needs) {
      fetched.add(pull(models, need, console));
    }
    if (json.asked()) {
      console.json(Map.of("models", fetched));
    } else if (needs.isEmpty()) {
      console.line("nothing to fetch: these encoders come with the program or lie in folders");
    }
  }

  private List<Need> needs(String name) {
    boolean preset = EncoderSet.presets().stream().anyMatch(name::equalsIgnoreCase);
    if (preset || isFile(name)) {
      if (revision != null || !files.isEmpty()) {
        throw new WrongUseException(
            name
                + " names revisions and files itself: --revision and --file are for models,"
                + " owner/name");
      }
      return EncoderModels.of(EncoderSet.load(name));
    }
    if (!Models.isId(name)) {
      throw Names.unknown(
          "model (neither owner/name, nor a YAML file, nor a preset)", name, EncoderSet.presets());
    }
    String asked = revision == null ? Models.DEFAULT_REVISION : revision;
    return List.of(
        files.isEmpty()
            ? EncoderModels.of(name, asked)
            : new Need(name, asked, model -> List.copyOf(files)));
  }

  private static boolean isFile(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    try {
      return lower.endsWith(".yaml")
          || lower.endsWith(".yml")
          || Files.isRegularFile(Path.of(name));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private Map<String, Object> pull(Models models, Need need, Console console) {
    List<String> chosen = new ArrayList<>();
    ModelFiles model =
        models.pull(
            need.id(),
            need.revision(),
            files -> {
              chosen.addAll(need.files().apply(files));
              return chosen;
            },
            progress());
    List<Map<String, Object>> places = new ArrayList<>();
    long bytes = 0;
    for (String path : chosen) {
      Path file = model.get(path);
      long size = FileSizes.of(file);
      bytes += size;
      Map<String, Object> place = new LinkedHashMap<>();
      place.put("path", path);
      place.put("bytes", size);
      place.put("file", file.toString());
      places.add(place);
    }
    if (!json.asked()) {
      console.line(
          "%s at %s: %d files, %s, all verified"
              .formatted(need.id(), model.revision(), places.size(), FileSizes.inWords(bytes)));
    }
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("model", need.id());
    entry.put("revision", need.revision());
    entry.put("commit", model.revision());
    entry.put("bytes", bytes);
    entry.put("files", places);
    return entry;
  }
}
