package org.equipoise.encoders;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.equipoise.core.WrongUseException;
import org.equipoise.encoders.hub.ExternalData;
import org.equipoise.encoders.hub.ModelFiles;
import org.equipoise.encoders.hub.Models;

/** Which of a hub's models encoders need, and which files of them. */
public final class EncoderModels {
  private static final Set<String> DESCRIPTIONS =
      Set.of(
          "config.json",
          "tokenizer.json",
          "tokenizer_config.json",
          "preprocessor_config.json",
          "processor_config.json",
          "1_Pooling/config.json");
  private static final List<List<String>> GRAPHS =
      List.of(
          List.of("onnx/model.onnx"),
          List.of("onnx/text_model.onnx", "onnx/vision_model.onnx"),
          List.of("model.onnx"));

  private EncoderModels() {}

  /**
   * A model of a hub.
   *
   * @param id {@code owner/name}
   * @param revision a branch, a tag or a commit
   * @param files which of its files are needed
   */
  public record Need(String id, String revision, Function<ModelFiles, List<String>> files) {
    private Need and(Need other) {
      return new Need(
          id,
          revision,
          model -> {
            Set<String> all = new LinkedHashSet<>(files.apply(model));
            all.addAll(other.files.apply(model));
            return List.copyOf(all);
          });
    }
  }

  /** The models that a set of encoders needs; none for embedded encoders and for folders. */
  public static List<Need> of(EncoderSet set) {
    Map<String, Need> needs = new LinkedHashMap<>();
    for (EncoderSet.Entry entry : set.views()) {
      of(entry).ifPresent(need -> needs.merge(need.id() + "@" + need.revision(), need, Need::and));
    }
    return List.copyOf(needs.values());
  }

  /** The model that a view's encoder is; empty for an embedded encoder and for a folder. */
  public static Optional<Need> of(EncoderSet.Entry entry) {
    String name = entry.encoder();
    if (Encoders.names().contains(name) || !Models.isId(name) || Files.isDirectory(Path.of(name))) {
      return Optional.empty();
    }
    Object revision = entry.settings().getOrDefault("revision", Models.DEFAULT_REVISION);
    Object graph = entry.settings().getOrDefault("graph", "");
    return Optional.of(
        new Need(name, revision.toString(), model -> files(model, graph.toString())));
  }

  /** A model by itself: what encoders need of it where no setting says otherwise. */
  public static Need of(String id, String revision) {
    return new Need(id, revision, model -> files(model, ""));
  }

  private static List<String> files(ModelFiles model, String graph) {
    Collection<String> paths = model.list();
    List<String> graphs =
        paths.contains(graph)
            ? List.of(graph)
            : GRAPHS.stream()
                .filter(choice -> choice.stream().anyMatch(paths::contains))
                .findFirst()
                .orElseThrow(
                    () ->
                        new WrongUseException(
                            model.name()
                                + " has no ONNX graph under a usual name; fetch by --file what it"
                                + " has: "
                                + String.join(", ", paths)));
    List<String> files = new ArrayList<>(paths.stream().filter(DESCRIPTIONS::contains).toList());
    for (String one : graphs) {
      if (paths.contains(one)) {
        files.add(one);
        files.addAll(ExternalData.of(one, paths));
      }
    }
    return files;
  }
}
