package org.equipoise.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.equipoise.core.Form;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.core.features.FeatureExtractor;
import org.equipoise.encoders.EncoderModels;
import org.equipoise.encoders.EncoderSet;
import org.equipoise.encoders.Encoders;
import org.equipoise.encoders.hub.Models;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code models list}: the presets and their encoders, and the models on this machine. */
@Command(
    name = "list",
    description =
        "Lists the presets that --encoders takes with the encoders in each, and the models that are"
            + " on this machine. No network is needed.")
final class ModelsListCommand extends EquipoiseCommand {
  private static final int SHORT_HASH = 12;

  @Mixin private JsonOption json;

  @Override
  void run(Console console) {
    Models models = Models.ofEnvironment();
    List<Map<String, Object>> encoders = new ArrayList<>();
    for (String preset : EncoderSet.presets()) {
      encoders.addAll(entries(preset, models));
    }
    List<Models.Here> here = models.here();
    if (json.asked()) {
      Map<String, Object> answer = new LinkedHashMap<>();
      answer.put("encoders", encoders);
      answer.put("models", here.stream().map(ModelsListCommand::entry).toList());
      console.json(answer);
      return;
    }
    TextTable table = new TextTable();
    table.row(
        "preset", "view", "encoder", "modality", "kind", "wide", "most tokens", "sha256", "here");
    for (Map<String, Object> of : encoders) {
      String hash = String.valueOf(of.get("sha256"));
      table.row(
          of.get("preset"),
          of.get("view"),
          of.get("encoder"),
          word(of.get("modality")),
          word(of.get("kind")),
          word(of.get("width")),
          word(of.get("tokens")),
          of.get("sha256") == null ? "-" : hash.substring(0, SHORT_HASH),
          Boolean.TRUE.equals(of.get("here")) ? "yes" : "no");
    }
    table.lines().forEach(console::line);
    encoders.stream()
        .filter(of -> !Boolean.TRUE.equals(of.get("here")))
        .map(of -> of.get("preset"))
        .distinct()
        .forEach(preset -> console.line("fetch what lacks: equipoise models pull " + preset));
    console.line("");
    if (here.isEmpty()) {
      console.line("no fetched models on this machine");
      return;
    }
    TextTable fetched = new TextTable();
    fetched.row("model", "commit", "files", "size", "where");
    for (Models.Here of : here) {
      fetched.row(
          of.id(),
          of.commit().substring(0, SHORT_HASH),
          of.files(),
          FileSizes.inWords(of.bytes()),
          of.folder() + (of.python() ? " (Python's cache)" : ""));
    }
    fetched.lines().forEach(console::line);
  }

  private static String word(Object value) {
    return value == null ? "-" : value.toString();
  }

  private static List<Map<String, Object>> entries(String preset, Models models) {
    EncoderSet set = EncoderSet.load(preset);
    List<EncoderSet.Entry> embedded =
        set.views().stream().filter(entry -> EncoderModels.of(entry).isEmpty()).toList();
    Map<String, EncoderInfo> known = new HashMap<>();
    if (!embedded.isEmpty()) {
      try (FeatureExtractor opened =
          Encoders.open(new EncoderSet(set.cleaning(), embedded), Form.TOKENS, 1)) {
        opened.spec().encoders().forEach(info -> known.put(info.view().name(), info));
      }
    }
    return set.views().stream()
        .map(
            of ->
                EncoderModels.of(of)
                    .map(need -> entry(preset, of, need, models))
                    .orElseGet(() -> entry(preset, known.get(of.view()))))
        .toList();
  }

  private static Map<String, Object> entry(String preset, EncoderInfo of) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("preset", preset);
    entry.put("view", of.view().name());
    entry.put("encoder", of.encoder());
    entry.put("modality", of.view().modality().id());
    entry.put("kind", of.view().kind().id());
    entry.put("width", of.view().width());
    entry.put("tokens", of.tokens());
    entry.put("sha256", of.sha256());
    entry.put("here", true);
    return entry;
  }

  /** What a preset says of a model; its graph alone knows the rest, and is not opened for it. */
  private static Map<String, Object> entry(
      String preset, EncoderSet.Entry of, EncoderModels.Need need, Models models) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("preset", preset);
    entry.put("view", of.view());
    entry.put("encoder", of.encoder());
    entry.put("modality", of.settings().get("modality"));
    entry.put("kind", of.kind().map(kind -> kind.id()).orElse(null));
    entry.put("width", null);
    entry.put("tokens", of.settings().get("max_tokens"));
    entry.put("sha256", null);
    entry.put("revision", need.revision());
    entry.put("here", models.isHere(need.id(), need.revision(), need.files()));
    return entry;
  }

  private static Map<String, Object> entry(Models.Here of) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("model", of.id());
    entry.put("commit", of.commit());
    entry.put("files", of.files());
    entry.put("bytes", of.bytes());
    entry.put("folder", of.folder().toString());
    entry.put("python_cache", of.python());
    return entry;
  }
}
