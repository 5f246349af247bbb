package org.equipoise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.equipoise.core.io.Json;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With {@code --json} every command prints exactly one document to standard output. */
@Tag("slow")
class JsonAnswersTest {
  private static final ObjectReader ONE_DOCUMENT =
      Json.MAPPER.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  @TempDir Path folder;

  @Test
  void from_posts_to_verdicts_each_answer_is_one_document() throws Exception {
    Path table = SmallPosts.write(folder.resolve("posts"), 60, 5);
    String[] data = SmallPosts.data(table);
    String splits = folder.resolve("splits.json").toString();
    String run = folder.resolve("run").toString();
    String verdicts = folder.resolve("verdicts.jsonl").toString();

    JsonNode imported =
        answer(data, "data", "import", "--out", folder.resolve("posts.jsonl").toString());
    JsonNode split = answer(data, "data", "split", "--protocol", "random", "--out", splits);
    answer(data, "data", "stats");
    answer(data, "data", "audit", "--splits", splits);
    JsonNode encoded = answer(data, "encode", "--out", folder.resolve("features").toString());
    JsonNode trained = answer(SmallRun.train(table, Path.of(run), 1));
    JsonNode again = answer(SmallRun.train(table, Path.of(run), 1));
    JsonNode evaluated = answer("evaluate", run);
    JsonNode predicted = answer(data, "predict", run, "--out", verdicts);

    assertThat(imported.path("posts").asInt()).isEqualTo(60);
    assertThat(split.path("folds").get(0).path("test").asInt()).isEqualTo(12);
    assertThat(encoded.path("views").path("text_pattern").path("posts").asInt()).isEqualTo(60);
    assertThat(trained.path("evaluation").path("posts").asInt()).isEqualTo(12);
    assertThat(again).isEqualTo(trained);
    assertThat(predicted.path("scored").asInt()).isEqualTo(60);
    for (String field :
        List.of(
            "data",
            "protocol",
            "posts",
            "skipped",
            "accuracy",
            "macro_f1",
            "roc_auc",
            "ece",
            "classes",
            "confusion",
            "events",
            "floors",
            "last")) {
      assertThat(evaluated.has(field)).as(field).isTrue();
    }
    for (String floor : List.of("majority", "linear", "look_up")) {
      assertThat(evaluated.path("floors").path(floor).has("macro_f1")).as(floor).isTrue();
    }
  }

  private static JsonNode answer(String[] data, String... words) throws Exception {
    List<String> all = new ArrayList<>(Arrays.asList(words));
    all.addAll(List.of(data));
    return answer(all.toArray(String[]::new));
  }

  private static JsonNode answer(String... words) throws Exception {
    List<String> all = new ArrayList<>(Arrays.asList(words));
    all.add("--json");
    Cli.Answer answer = Cli.run(all.toArray(String[]::new));
    assertThat(answer.code()).as(answer.err()).isZero();
    return ONE_DOCUMENT.readTree(answer.out());
  }
}
