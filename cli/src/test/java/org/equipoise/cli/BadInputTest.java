package org.equipoise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.equipoise.core.io.Json;
import org.equipoise.core.io.WorkLock;
import org.equipoise.media.ImageEncoder;
import org.equipoise.media.RgbImage;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What people type wrongly or supply broken: a short message that names it, or a listed reason. */
@Tag("slow")
class BadInputTest {
  private static final String CHECKPOINT = "checkpoint.safetensors";
  private static final int MEGABYTE = 1 << 20;

  @TempDir static Path world;
  @TempDir Path folder;

  private static Path table;
  private static Path run;

  @BeforeAll
  static void train_a_small_run() throws IOException {
    table = SmallPosts.write(world.resolve("posts"), 60, 5);
    run = world.resolve("run");
    Cli.Answer answer = Cli.run(SmallRun.train(table, run, 2));
    assertThat(answer.code()).as(answer.err()).isZero();
  }

  @Test
  void an_unknown_key_is_named_with_the_nearest_on_the_command_line_and_in_a_file()
      throws IOException {
    assertWrongUse(
        Cli.run(SmallRun.train(table, folder.resolve("x"), 1, "--set", "training.epoch=3")),
        "'training.epoch'",
        "'training.epochs'");

    Path config = folder.resolve("mine.yaml");
    Files.writeString(config, "training:\n  learnin_rate: 0.1\n");
    assertWrongUse(
        Cli.run(SmallRun.train(table, folder.resolve("x"), 1, "--config", config.toString())),
        "mine.yaml",
        "'training.learnin_rate'",
        "'training.learning_rate'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"many", "-1", "1.5", "[1, 2]", ""})
  void a_value_of_a_wrong_type_is_named_with_its_key(String value) {
    assertWrongUse(
        Cli.run(SmallRun.train(table, folder.resolve("x"), 1, "--set", "training.epochs=" + value)),
        "'" + value + "'",
        "training.epochs",
        "whole number");
  }

  @Test
  void a_file_that_is_not_yaml_is_named_with_the_line() throws IOException {
    Path config = folder.resolve("mine.yaml");
    Files.writeString(config, "training:\n  epochs: [1,\n");

    assertWrongUse(
        Cli.run(SmallRun.train(table, folder.resolve("x"), 1, "--config", config.toString())),
        "mine.yaml",
        "not valid YAML");
  }

  @Test
  void names_of_systems_balancers_devices_and_encoders_are_answered_with_the_nearest() {
    Map<List<String>, String> wrong = new LinkedHashMap<>();
    wrong.put(List.of("--system", "BMLFH"), "'BMLHF'");
    wrong.put(List.of("--balancer", "mid"), "'mib'");
    wrong.put(List.of("--device", "cudaa"), "'cuda'");
    wrong.put(List.of("--encoders", "bultin"), "'builtin'");
    wrong.put(List.of("--modalities", "text,imgae"), "'image'");
    wrong.forEach(
        (words, nearest) ->
            assertWrongUse(
                Cli.run(
                    SmallRun.train(table, folder.resolve("x"), 1, words.toArray(String[]::new))),
                nearest));
  }

  @Test
  void what_encoders_may_use_of_the_machine_must_be_there() {
    Map<List<String>, String> wrong = new LinkedHashMap<>();
    wrong.put(List.of("--threads", "2", "--threads-each", "3"), "from 1 to the 2 of all, not 3");
    wrong.put(List.of("--threads-each", "0"), "not 0");
    wrong.put(List.of("--batch", "0"), "not 0");
    wrong.put(List.of("--memory", "much"), "such as 512m; not 'much'");
    wrong.put(List.of("--memory", "999999999999g"), "such as 512m");
    wrong.put(List.of("--memory", "3m"), "at least 16 MiB");
    wrong.put(List.of("--device", "cudaa"), "'cuda'");
    wrong.put(List.of("--device", "cuda"), "leave out --device cuda");
    wrong.forEach(
        (words, message) ->
            assertWrongUse(
                Cli.run(join(encodeTo(folder.resolve("x")), words.toArray(String[]::new))),
                message));
    assertThat(folder.resolve("x")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.001, 0.5, 0.999})
  void a_checkpoint_cut_short_is_wrong_use(double share) throws IOException {
    Path copy = copyOfRun();
    byte[] bytes = Files.readAllBytes(copy.resolve(CHECKPOINT));
    Files.write(
        copy.resolve(CHECKPOINT), java.util.Arrays.copyOf(bytes, (int) (bytes.length * share)));

    assertWrongUse(Cli.run("predict", copy.toString(), "--text", "hello"), CHECKPOINT);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.0, 0.0001, 0.01, 0.3, 0.6, 0.9999})
  void a_checkpoint_with_flipped_bytes_is_wrong_use(double place) throws IOException {
    Path copy = copyOfRun();
    byte[] bytes = Files.readAllBytes(copy.resolve(CHECKPOINT));
    bytes[(int) (bytes.length * place)] ^= 0x41;
    Files.write(copy.resolve(CHECKPOINT), bytes);

    assertWrongUse(Cli.run("predict", copy.toString(), "--text", "hello"), CHECKPOINT);
  }

  @Test
  void features_of_other_encoders_than_the_store_s_or_the_run_s_are_named() throws IOException {
    Path features = folder.resolve("features");
    Path encoders = folder.resolve("mine.yaml");
    Files.writeString(
        encoders,
        "views:\n  - view: text_pattern\n    encoder: builtin/text_pattern\n"
            + "    settings:\n      width: 64\n");
    List<String> encode = new ArrayList<>(List.of("encode"));
    encode.addAll(List.of(SmallPosts.data(table)));
    encode.addAll(List.of("--out", features.toString()));
    List<String> other = new ArrayList<>(encode);
    other.addAll(List.of("--encoders", encoders.toString()));
    assertThat(Cli.run(other.toArray(String[]::new)).code()).isZero();

    assertWrongUse(Cli.run(encode.toArray(String[]::new)), features.toString(), "text_pattern");

    Path unfinished = folder.resolve("run");
    Cli.run(SmallRun.train(table, unfinished, 1, "--no-evaluate"));
    assertWrongUse(
        Cli.run(SmallRun.train(table, unfinished, 1, "--features", features.toString())),
        "text_pattern");
  }

  @Test
  void a_text_of_a_megabyte_is_scored() throws IOException {
    String text = "word ".repeat(MEGABYTE / 5);

    Cli.Answer answer = Cli.run("predict", run.toString(), "--text", text, "--json");

    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(Json.MAPPER.readTree(answer.out()).path("verdict").asText()).isIn("fake", "real");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "   ", "\n\t"})
  void an_empty_text_without_an_image_is_wrong_use(String text) {
    assertWrongUse(Cli.run("predict", run.toString(), "--text", text), "text");
  }

  @Test
  void a_post_without_an_image_is_scored_by_its_text_and_a_post_without_a_text_by_its_image()
      throws IOException {
    JsonNode byText = predict("--text", "council report");
    JsonNode byImage = predict("--image", world.resolve("posts/0.png").toString());

    assertThat(byText.path("views").has("text_pattern")).isTrue();
    assertThat(byText.path("views").has("image_pattern")).isFalse();
    assertThat(byImage.path("views").has("text_pattern")).isFalse();
    assertThat(byImage.path("views").has("image_pattern")).isTrue();
  }

  @Test
  void an_image_of_no_bytes_is_named_and_a_text_beside_it_is_scored() throws IOException {
    Path empty = Files.write(folder.resolve("empty.jpg"), new byte[0]);

    assertWrongUse(Cli.run("predict", run.toString(), "--image", empty.toString()), "empty.jpg");
    Cli.Answer answer =
        Cli.run("predict", run.toString(), "--text", "hello", "--image", empty.toString());
    assertThat(answer.code()).isZero();
    assertThat(answer.err()).contains("empty.jpg").contains("image_empty").hasLineCount(1);
  }

  @Test
  void a_header_of_fifty_thousand_by_fifty_thousand_pixels_costs_nothing() throws IOException {
    Path bomb = Files.write(folder.resolve("bomb.png"), pngHeader(50_000, 50_000));
    long start = System.nanoTime();

    Cli.Answer answer = Cli.run("predict", run.toString(), "--image", bomb.toString());

    assertWrongUse(answer, "bomb.png", "50,000");
    assertThat((System.nanoTime() - start) / 1e9).as("seconds").isLessThan(20);
  }

  @Test
  void bad_posts_among_good_ones_are_answered_with_a_reason_each() throws IOException {
    Files.write(folder.resolve("empty.png"), new byte[0]);
    Files.write(folder.resolve("bomb.png"), pngHeader(50_000, 50_000));
    Files.write(
        folder.resolve("good.png"), ImageEncoder.png(new RgbImage(8, 8, new byte[8 * 8 * 3])));
    String posts =
        """
        {"id": "good", "text": "hello", "images": ["good.png"]}
        {"id": "no image", "text": "hello"}
        {"id": "empty image", "images": ["empty.png"]}
        {"id": "bomb", "images": ["bomb.png"]}
        {"id": "bomb with text", "text": "hello", "images": ["bomb.png"]}
        {"id": "nothing", "text": "  "}
        {"id": "long", "text": "%s"}
        not json
        """
            .formatted("x".repeat(MEGABYTE));
    Path data = Files.writeString(folder.resolve("posts.jsonl"), posts);
    Path out = folder.resolve("verdicts.jsonl");

    Cli.Answer answer =
        Cli.run("predict", run.toString(), "--data", data.toString(), "--out", out.toString());

    assertThat(answer.code()).as(answer.err()).isZero();
    List<String> lines = Files.readAllLines(out);
    assertThat(lines).hasSize(8);
    List<String> scored = new ArrayList<>();
    for (String line : lines) {
      JsonNode verdict = Json.MAPPER.readTree(line);
      if (verdict.has("verdict")) {
        scored.add(verdict.path("id").asText());
      } else {
        assertThat(verdict.path("error").path("code").asText()).isNotBlank();
        assertThat(verdict.path("error").path("message").asText()).isNotBlank();
      }
    }
    assertThat(scored).containsExactly("good", "no image", "bomb with text", "long");
  }

  @Test
  void a_file_in_place_of_a_folder_is_named() throws IOException {
    Path file = Files.writeString(folder.resolve("a-file"), "hello");
    String data = "--data";

    assertWrongUse(Cli.run(SmallRun.train(table, file, 1)), "a-file");
    assertWrongUse(Cli.run(SmallRun.train(table, file.resolve("below"), 1)), "a-file");
    assertWrongUse(Cli.run("evaluate", file.toString()), "a-file");
    assertWrongUse(Cli.run("predict", file.toString(), "--text", "hi"), "a-file");
    assertWrongUse(Cli.run(encodeTo(file)), "a-file");
    assertWrongUse(Cli.run("data", "stats", data, "weibo:" + file), "a-file");
    assertWrongUse(
        Cli.run(SmallRun.train(table, folder.resolve("x"), 1, "--features", file.toString())),
        "a-file");
  }

  @Test
  void a_folder_in_place_of_a_file_is_named() throws IOException {
    Path there = Files.createDirectory(folder.resolve("a-folder"));
    String data = "--data";

    assertWrongUse(Cli.run("data", "stats", data, there.toString()), "a-folder");
    assertWrongUse(Cli.run("data", "stats", data, "csv:" + there), "a-folder");
    assertWrongUse(Cli.run(concat("data import", "--out", there.toString())), "a-folder");
    assertWrongUse(Cli.run(concat("data split", "--out", there.toString())), "a-folder");
    assertWrongUse(Cli.run(concat("data audit", "--splits", there.toString())), "a-folder");
    assertWrongUse(
        Cli.run(SmallRun.train(table, folder.resolve("x"), 1, "--config", there.toString())),
        "a-folder");
    assertWrongUse(Cli.run("predict", run.toString(), "--image", there.toString()), "a-folder");
    assertWrongUse(Cli.run("predict", there.toString(), "--text", "hi"), "a-folder");
  }

  @Test
  void a_run_is_not_written_among_other_things() throws IOException {
    Path taken = Files.createDirectory(folder.resolve("taken"));
    Files.writeString(taken.resolve("letter.txt"), "mine");

    assertWrongUse(Cli.run(SmallRun.train(table, taken, 1)), "taken");
    assertThat(taken.resolve("letter.txt")).hasContent("mine");
  }

  @Test
  void nothing_is_written_over_the_posts_that_are_read() throws IOException {
    Path posts = folder.resolve("posts.jsonl");
    Files.writeString(posts, "{\"id\": \"a\", \"text\": \"hello\", \"label\": \"real\"}\n");
    String before = Files.readString(posts);
    Path link = Files.createSymbolicLink(folder.resolve("link.jsonl"), posts);

    for (Path out : List.of(posts, link)) {
      String[] data = {"--data", posts.toString(), "--out", out.toString()};
      assertWrongUse(Cli.run(join(new String[] {"data", "import"}, data)), out.toString());
      assertWrongUse(Cli.run(join(new String[] {"data", "split"}, data)), out.toString());
      assertWrongUse(
          Cli.run(join(new String[] {"predict", run.toString(), "--overwrite"}, data)),
          out.toString());
    }
    assertThat(posts).hasContent(before);
  }

  @Test
  void verdicts_are_made_anew_only_on_demand_where_the_posts_have_changed() throws IOException {
    Path posts =
        Files.writeString(folder.resolve("p.jsonl"), "{\"id\":\"a\",\"text\":\"hello\"}\n");
    Path out = folder.resolve("v.jsonl");
    String[] predict = {
      "predict", run.toString(), "--data", posts.toString(), "--out", out.toString()
    };
    assertThat(Cli.run(predict).code()).isZero();
    assertThat(Cli.run(predict).out()).contains("finished already");
    Files.writeString(posts, "{\"id\":\"b\",\"text\":\"other words\"}\n");

    assertWrongUse(Cli.run(predict), "v.jsonl", "--overwrite");
    assertThat(Files.readString(out)).contains("\"a\"");
    assertThat(Cli.run(join(predict, "--overwrite")).code()).isZero();
    assertThat(Files.readString(out)).contains("\"b\"").doesNotContain("\"a\"");
    assertWrongUse(Cli.run(join(predict, "--sample", "1")), "--sample");
  }

  @Test
  void a_run_outlives_an_overwrite_that_asks_for_something_that_is_not_there() throws IOException {
    Path copy = copyOfRun();
    Files.writeString(copy.resolve("notes.txt"), "mine");
    String report = Files.readString(copy.resolve("report.html"));

    assertWrongUse(
        Cli.run(SmallRun.train(table, copy, 1, "--overwrite", "--encoders", "bultin")), "builtin");
    assertWrongUse(
        Cli.run(SmallRun.train(table, copy, 1, "--overwrite", "--features", "no-such-folder")),
        "no-such-folder");
    assertThat(copy.resolve("report.html")).hasContent(report);

    assertThat(Cli.run(SmallRun.train(table, copy, 1, "--overwrite", "--no-evaluate")).code())
        .isZero();
    assertThat(copy.resolve("report.html")).doesNotExist();
    assertThat(copy.resolve("notes.txt")).hasContent("mine");
    assertThat(Files.readAllLines(copy.resolve("metrics.jsonl"))).hasSize(1);
  }

  @Test
  void a_second_call_does_not_write_where_one_is_at_work() throws IOException {
    Path unfinished = Files.createDirectory(folder.resolve("unfinished"));
    Path out = folder.resolve("v.jsonl");
    Path posts =
        Files.writeString(folder.resolve("p.jsonl"), "{\"id\":\"a\",\"text\":\"hello\"}\n");
    String[] predict = {
      "predict", run.toString(), "--data", posts.toString(), "--out", out.toString()
    };
    WorkLock training = WorkLock.take(unfinished.resolve(".lock"), "test");
    WorkLock scoring = WorkLock.take(folder.resolve("v.jsonl.lock"), "test");
    try {
      assertWrongUse(Cli.run(SmallRun.train(table, unfinished, 1)), "unfinished", "another call");
      assertWrongUse(Cli.run(predict), "v.jsonl", "another call");
    } finally {
      training.close();
      scoring.close();
    }
    assertThat(Cli.run(predict).code()).isZero();
    assertThat(folder.resolve("v.jsonl.lock")).doesNotExist();
  }

  @Test
  void a_run_that_died_while_it_was_started_is_started_again() throws IOException {
    Path begun = Files.createDirectory(folder.resolve("begun"));
    Files.writeString(begun.resolve(".lock"), "1");
    Files.writeString(begun.resolve("config.yaml"), "");
    Files.writeString(begun.resolve("splits.json.partial"), "{");

    Cli.Answer answer = Cli.run(SmallRun.train(table, begun, 1, "--no-evaluate"));

    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(begun.resolve("splits.json.partial")).doesNotExist();
  }

  @Test
  void files_of_another_run_are_told_apart() throws IOException {
    Path other = folder.resolve("other");
    Path posts = SmallPosts.write(folder.resolve("posts"), 40, 9);
    Cli.Answer trained = Cli.run(SmallRun.train(posts, other, 1, "--modalities", "text"));
    assertThat(trained.code()).as(trained.err()).isZero();

    for (String file : List.of(CHECKPOINT, "checkpoint.last.safetensors", "splits.json")) {
      Path copy = copyOfRun();
      Files.copy(other.resolve(file), copy.resolve(file), StandardCopyOption.REPLACE_EXISTING);
      assertWrongUse(Cli.run("evaluate", copy.toString()), file, "another run");
    }
  }

  @Test
  void features_with_a_flipped_byte_are_not_trained_on() throws IOException {
    Path features = folder.resolve("features");
    assertThat(Cli.run(encodeTo(features)).code()).isZero();
    Path shard = features.resolve("shard-00000.safetensors");
    byte[] bytes = Files.readAllBytes(shard);
    bytes[bytes.length * 3 / 4] ^= 0x41;
    Files.write(shard, bytes);

    assertWrongUse(
        Cli.run(SmallRun.train(table, folder.resolve("x"), 1, "--features", features.toString())),
        "shard-00000.safetensors",
        "damaged");
  }

  private static String[] join(String[] words, String... more) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private static JsonNode predict(String... post) throws IOException {
    List<String> words = new ArrayList<>(List.of("predict", run.toString(), "--json"));
    words.addAll(List.of(post));
    Cli.Answer answer = Cli.run(words.toArray(String[]::new));
    assertThat(answer.code()).as(answer.err()).isZero();
    return Json.MAPPER.readTree(answer.out());
  }

  private static String[] encodeTo(Path out) {
    return concat("encode", "--out", out.toString());
  }

  private static String[] concat(String command, String... more) {
    List<String> words = new ArrayList<>(List.of(command.split(" ")));
    words.addAll(List.of(SmallPosts.data(table)));
    words.addAll(List.of(more));
    return words.toArray(String[]::new);
  }

  private Path copyOfRun() throws IOException {
    Path copy = Files.createDirectories(folder.resolve("copy"));
    try (Stream<Path> files = Files.list(run)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, copy.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return copy;
  }

  /** Exit code 2, nothing on standard output, at most two lines, no stack trace, these words. */
  private static void assertWrongUse(Cli.Answer answer, String... words) {
    String messages =
        String.join(
            "\n", answer.err().lines().filter(line -> line.startsWith("equipoise: ")).toList());
    assertThat(answer.code()).as(answer.err()).isEqualTo(2);
    assertThat(answer.out()).isEmpty();
    assertThat(messages).hasLineCount(1).contains(words);
    assertThat(answer.err()).doesNotContain("\tat ");
  }

  private static byte[] pngHeader(int width, int height) throws IOException {
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    DataOutputStream chunk = new DataOutputStream(header);
    chunk.write("IHDR".getBytes(StandardCharsets.US_ASCII));
    chunk.writeInt(width);
    chunk.writeInt(height);
    chunk.write(new byte[] {8, 2, 0, 0, 0});
    CRC32 crc = new CRC32();
    crc.update(header.toByteArray());
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(file);
    out.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    out.writeInt(header.size() - 4);
    out.write(header.toByteArray());
    out.writeInt((int) crc.getValue());
    return file.toByteArray();
  }
}
