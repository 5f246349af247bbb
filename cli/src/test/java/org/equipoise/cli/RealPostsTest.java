package org.equipoise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    Path run = folder.resolve("run");
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
            "modalities=text",
            "--threads",
            "2",
            "--out",
            run.toString());

    assertThat(answer.code()).as(answer.err()).isZero();
    JsonNode evaluation = Json.read(run.resolve("evaluation.json"));
    assertThat(evaluation.get("macro_f1").asDouble()).isGreaterThanOrEqualTo(LEAST_MACRO_F1);
    Set<String> events = new HashSet<>();
    evaluation.get("events").properties().forEach(event -> events.add(event.getKey()));
    assertThat(Set.of(EVENTS_OF_2015.split(","))).containsAll(events);
    assertThat(Files.size(run.resolve("report.html"))).isPositive();
  }
}
