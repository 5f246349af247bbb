package org.equipoise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.equipoise.core.io.Json;
import org.equipoise.testing.Folders;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job on real posts, from the command line to the report. */
@Tag("data")
@Tag("slow")
class RealPostsTest {
  private static final String EVENTS_OF_2015 = "eclipse,garissa,nepal,samurai,syrianboy,varoufakis";

  /** Always one class gives 0.27 on these test posts, a coin 0.49. */
  private static final double LEAST_MACRO_F1 = 0.60;

  @TempDir Path folder;

  @Test
  void trainsOnTwitterAndJudgesEventsThatItHasNeverSeen() throws IOException {
    double[] macroF1 = new double[3];
    for (int seed = 1; seed <= macroF1.length; seed++) {
      JsonNode evaluation = train(folder.resolve("run-" + seed), seed);
      macroF1[seed - 1] = evaluation.get("macro_f1").asDouble();
      Set<String> events = new HashSet<>();
      evaluation.get("events").properties().forEach(event -> events.add(event.getKey()));
      assertThat(Set.of(EVENTS_OF_2015.split(","))).containsAll(events);
    }
    Arrays.sort(macroF1);
    // four events and 48 images: single seeds swing by twenty points
    assertThat(macroF1[1]).as("the middle of three seeds").isGreaterThanOrEqualTo(LEAST_MACRO_F1);
  }

  private static JsonNode train(Path run, int seed) throws IOException {
    Cli.Answer answer =
        Cli.run(
            "train",
            "--data",
            "twitter:" + Folders.data().resolve("mediaeval2016"),
            "--protocol",
            "event-disjoint",
            "--test-events",
            EVENTS_OF_2015,
            "--set",
            "training.seed=" + seed,
            "--threads",
            "2",
            "--out",
            run.toString());
    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(Files.size(run.resolve("report.html"))).isPositive();
    return Json.read(run.resolve("evaluation.json"));
  }
}
