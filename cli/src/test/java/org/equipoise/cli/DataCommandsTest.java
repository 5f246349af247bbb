package org.equipoise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.equipoise.core.io.Json;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code data import|stats|split|audit} from end to end, on forty posts of five topics. */
class DataCommandsTest {
  private static final int POSTS = 40;

  @TempDir static Path folder;
  private static Path table;

  @BeforeAll
  static void write_posts() throws IOException {
    table = SmallPosts.write(folder.resolve("posts"), POSTS, 7);
  }

  @Test
  void stats_counts_what_is_there() throws IOException {
    Cli.Answer answer = data("stats", "--json");

    JsonNode stats = Json.MAPPER.readTree(answer.out());
    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(stats.path("posts").asInt()).isEqualTo(POSTS);
    assertThat(stats.path("labels").path("fake").asInt()).isEqualTo(POSTS / 2);
    assertThat(stats.path("posts_with_image").asInt()).isEqualTo(POSTS);
    assertThat(stats.path("labels_with_image").path("real").asInt()).isEqualTo(POSTS / 2);
    assertThat(stats.path("images").asInt()).isEqualTo(POSTS);
    assertThat(stats.path("events").asInt()).isEqualTo(5);
    assertThat(stats.path("skipped").asInt()).isZero();
    assertThat(stats.path("images_missing").asInt()).isZero();
    assertThat(stats.path("reasons").isObject()).isTrue();
  }

  @Test
  void stats_without_json_is_a_text() {
    assertThat(data("stats").out()).contains("40 usable").doesNotContain("{");
  }

  @Test
  void import_writes_posts_that_can_be_read_again_and_lists_what_it_left_out() throws IOException {
    Path holed = folder.resolve("holed.csv");
    Files.writeString(
        holed, "id,body,picture,verdict,topic\n1,hello,,fake,t\n2,,nowhere.png,real,t\n");
    Path out = folder.resolve("imported.jsonl");

    Cli.Answer answer =
        Cli.run(concat("data import", SmallPosts.data(holed), "--out", out.toString()));

    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(Files.readAllLines(out)).hasSize(1);
    List<String> skipped = Files.readAllLines(folder.resolve("imported.skipped.jsonl"));
    assertThat(skipped).hasSize(1);
    JsonNode reason = Json.MAPPER.readTree(skipped.get(0));
    assertThat(reason.path("line").asInt()).isEqualTo(3);
    assertThat(reason.path("reason").asText()).isEqualTo("no_text_no_image");
    Cli.Answer again = Cli.run("data", "stats", "--data", out.toString(), "--json");
    assertThat(Json.MAPPER.readTree(again.out()).path("posts").asInt()).isEqualTo(1);
  }

  @Test
  void split_and_audit_keep_topics_apart() throws IOException {
    Path splits = folder.resolve("splits.json");
    Cli.Answer split =
        data("split", "--protocol", "EVENT-disjoint", "--folds", "5", "--out", splits.toString());
    assertThat(split.code()).as(split.err()).isZero();
    assertThat(Json.read(splits).path("folds")).hasSize(5);

    Cli.Answer answer = data("audit", "--splits", splits.toString(), "--json");

    assertThat(answer.code()).as(answer.err()).isZero();
    JsonNode audit = Json.MAPPER.readTree(answer.out());
    assertThat(audit.path("test_posts").asInt()).isEqualTo(POSTS);
    assertThat(audit.path("shared_event").asInt()).isZero();
    assertThat(audit.path("shared_image").asInt()).isZero();
    assertThat(audit.has("near_duplicate_image")).isTrue();
    assertThat(audit.has("near_duplicate_text")).isTrue();
    assertThat(audit.path("look_up_accuracy").asDouble()).isBetween(0.0, 1.0);
  }

  @Test
  void the_same_seed_gives_the_same_split_and_another_seed_another() throws IOException {
    List<String> texts = new ArrayList<>();
    for (String seed : List.of("3", "3", "4")) {
      Path splits = folder.resolve("seed" + texts.size() + ".json");
      data("split", "--protocol", "random", "--seed", seed, "--out", splits.toString());
      texts.add(Json.read(splits).path("folds").toString());
    }

    assertThat(texts.get(0)).isEqualTo(texts.get(1)).isNotEqualTo(texts.get(2));
  }

  @Test
  void splits_of_other_posts_are_refused() throws IOException {
    Path splits = folder.resolve("own.json");
    data("split", "--protocol", "random", "--out", splits.toString());
    Path other = SmallPosts.write(folder.resolve("other"), 20, 8);

    Cli.Answer answer =
        Cli.run(concat("data audit", SmallPosts.data(other), "--splits", splits.toString()));

    assertThat(answer.code()).isEqualTo(2);
    assertThat(answer.err()).contains("split").hasLineCount(1);
  }

  private static Cli.Answer data(String command, String... more) {
    return Cli.run(concat("data " + command, SmallPosts.data(table), more));
  }

  private static String[] concat(String command, String[] data, String... more) {
    List<String> words = new ArrayList<>(List.of(command.split(" ")));
    words.addAll(List.of(data));
    words.addAll(List.of(more));
    return words.toArray(String[]::new);
  }
}
