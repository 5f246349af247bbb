package org.equipoise.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.equipoise.core.Form;
import org.equipoise.core.View;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.core.features.FeatureExtractor;
import org.equipoise.encoders.EncoderSet;
import org.equipoise.encoders.Encoders;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code models list}: the presets and their encoders. */
@Command(
    name = "list",
    description = "Lists the presets that --encoders takes, and the encoders in each.")
final class ModelsListCommand extends EquipoiseCommand {
  @Mixin private JsonOption json;

  @Override
  void run(Console console) {
    Map<String, List<EncoderInfo>> presets = new LinkedHashMap<>();
    for (String preset : EncoderSet.presets()) {
      try (FeatureExtractor encoders = Encoders.open(preset, Form.TOKENS, 1)) {
        presets.put(preset, encoders.spec().encoders());
      }
    }
    if (json.asked()) {
      List<Map<String, Object>> list = new ArrayList<>();
      presets.forEach((preset, encoders) -> encoders.forEach(of -> list.add(entry(preset, of))));
      console.json(Map.of("encoders", list));
      return;
    }
    TextTable table = new TextTable();
    table.row("preset", "view", "encoder", "modality", "kind", "wide", "most tokens", "sha256");
    presets.forEach(
        (preset, encoders) ->
            encoders.forEach(
                of -> {
                  View view = of.view();
                  table.row(
                      preset,
                      view.name(),
                      of.encoder(),
                      view.modality().id(),
                      view.kind().id(),
                      view.width(),
                      of.tokens(),
                      of.sha256().substring(0, 12));
                }));
    table.lines().forEach(console::line);
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
    return entry;
  }
}
