package org.equipoise.cli;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.equipoise.core.io.Json;
import org.equipoise.lab.run.RunFolder;

/** How a run ended, for people or for programs. */
final class RunText {
  private RunText() {}

  /** Its evaluation, and where the report lies. */
  static List<String> lines(RunFolder folder) {
    List<String> lines = new ArrayList<>(EvaluationText.lines(Json.read(folder.evaluation())));
    lines.add("report: " + folder.report());
    return lines;
  }

  /** Where it lies and, once its test posts were read, what {@code evaluation.json} says. */
  static Map<String, Object> json(RunFolder folder) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("run", folder.path().toString());
    if (Files.exists(folder.evaluation())) {
      json.put("evaluation", Json.read(folder.evaluation()));
    }
    return json;
  }
}
