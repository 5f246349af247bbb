package org.equipoise.encoders;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.equipoise.core.Progress;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Settings;
import org.equipoise.encoders.hub.ModelFiles;
import org.equipoise.encoders.hub.Models;
import org.equipoise.encoders.onnx.OnnxEncoders;

/** Which of a hub's models encoders need, and which files of them. */
public final class EncoderModels {
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
    Settings settings = settings(entry.settings());
    String revision = OnnxEncoders.revision(settings);
    return Optional.of(
        new Need(
            name,
            revision.isEmpty() ? Models.DEFAULT_REVISION : revision,
            model -> OnnxEncoders.files(model, settings)));
  }

  /** A model by itself: what encoders need of it where no setting says otherwise. */
  public static Need of(String id, String revision) {
    return new Need(id, revision, EncoderModels::allHalves);
  }

  private static List<String> allHalves(ModelFiles model) {
    Set<String> files = new LinkedHashSet<>();
    for (String half : List.of("text", "image")) {
      try {
        files.addAll(OnnxEncoders.files(model, settings(Map.of("modality", half))));
      } catch (WrongUseException e) {
        // most models read one of them
      }
    }
    return files.isEmpty()
        // which says what the model lacks
        ? OnnxEncoders.files(model, settings(Map.of()))
        : List.copyOf(files);
  }

  private static Settings settings(Map<String, ?> given) {
    return ConfigMaps.settings(OnnxEncoders.SCHEMA, given, "settings of a model");
  }

  /**
   * Fetches what a set of encoders needs of models and is not on this machine yet.
   *
   * @throws WrongUseException if a hub has no such model, revision or file, or refuses it
   * @throws java.io.UncheckedIOException if the hub does not answer, or the disk is full
   */
  public static void fetch(EncoderSet set, Progress progress) {
    for (Need need : of(set)) {
      ModelFiles model =
          Models.ofEnvironment().open(need.id(), need.revision(), Path.of(""), progress);
      model.fetch(need.files().apply(model));
    }
  }
}
