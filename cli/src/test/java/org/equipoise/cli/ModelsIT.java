package org.equipoise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.equipoise.core.io.Json;
import org.equipoise.encoders.hub.LocalHub;
import org.equipoise.testing.Folders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code models pull}, {@code list} and {@code verify} with a hub on this machine. */
@Tag("golden")
@Tag("slow")
class ModelsIT {
  private static final String ID = "owner/tiny-bert";

  @TempDir Path world;
  private LocalHub hub;
  private Path golden;
  private String commit;

  @BeforeEach
  void publish_the_golden_models() throws Exception {
    golden = Folders.golden().resolve("encoders");
    hub = new LocalHub();
    try (Stream<Path> folders = Files.list(golden)) {
      for (Path folder :
          folders.filter(path -> Files.exists(path.resolve("config.json"))).toList()) {
        hub.add("owner/" + folder.getFileName(), folder);
      }
    }
    commit = hub.add(ID, golden.resolve("tiny-bert"));
  }

  @AfterEach
  void close() {
    hub.close();
  }

  private Cli.Answer equipoise(Map<String, String> more, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(BuiltProgram.script().toString()));
    command.addAll(List.of(arguments));
    Map<String, String> environment = new HashMap<>();
    environment.put("EQUIPOISE_HOME", world.resolve("home").toString());
    environment.put("HF_HOME", world.resolve("python").toString());
    environment.put("HF_ENDPOINT", hub.endpoint().toString());
    environment.put("HF_HUB_OFFLINE", "0");
    environment.putAll(more);
    return BuiltProgram.run(world, environment, command.toArray(String[]::new));
  }

  private Path folder() {
    return world.resolve("home/models/owner--tiny-bert").resolve(commit);
  }

  @Test
  void a_model_is_fetched_listed_checked_and_mended() throws Exception {
    Cli.Answer pulled = equipoise(Map.of(), "models", "pull", ID);
    assertThat(pulled.code()).as(pulled.err()).isZero();
    assertThat(pulled.out()).contains(ID + " at " + commit).contains("verified");
    for (String path : List.of("config.json", "tokenizer.json", "onnx/model.onnx")) {
      assertThat(folder().resolve(path))
          .hasSameBinaryContentAs(golden.resolve("tiny-bert").resolve(path));
    }

    JsonNode listed = json(equipoise(Map.of("HF_HUB_OFFLINE", "1"), "models", "list", "--json"));
    JsonNode model = listed.path("models").path(0);
    assertThat(model.path("model").asText()).isEqualTo(ID);
    assertThat(model.path("commit").asText()).isEqualTo(commit);
    assertThat(model.path("bytes").asLong()).isPositive();
    assertThat(model.path("folder").asText()).isEqualTo(folder().toString());
    assertThat(listed.path("encoders").findValuesAsText("preset")).contains("builtin");

    assertThat(equipoise(Map.of(), "models", "verify").code()).isZero();
    byte[] graph = Files.readAllBytes(folder().resolve("onnx/model.onnx"));
    graph[graph.length / 2] ^= 1;
    Files.write(folder().resolve("onnx/model.onnx"), graph);
    Cli.Answer broken = equipoise(Map.of(), "models", "verify");
    assertThat(broken.code()).isEqualTo(1);
    assertThat(broken.out()).contains("broken: onnx/model.onnx of " + ID);
    String remedy = "models pull " + ID + " --revision " + commit + " --file onnx/model.onnx";
    assertThat(broken.err()).contains(remedy);
    JsonNode report = Json.MAPPER.readTree(equipoise(Map.of(), "models", "verify", "--json").out());
    assertThat(report.path("broken").findValuesAsText("path")).containsExactly("onnx/model.onnx");

    assertThat(equipoise(Map.of(), remedy.split(" ")).code()).isZero();
    assertThat(equipoise(Map.of(), "models", "verify").code()).isZero();
  }

  @Test
  void the_models_of_an_encoders_file_are_fetched_and_those_in_folders_left() throws Exception {
    Path yaml = world.resolve("mine.yaml");
    Files.writeString(
        yaml,
        """
        views:
          - view: a
            encoder: owner/tiny-bert
            settings: {revision: %s}
          - view: b
            encoder: owner/tiny-clip
            settings: {modality: image}
          - view: c
            encoder: builtin/text_pattern
        """
            .formatted(commit));

    JsonNode pulled = json(equipoise(Map.of(), "models", "pull", yaml.toString(), "--json"));

    assertThat(pulled.path("models").findValuesAsText("model"))
        .containsExactly("owner/tiny-bert", "owner/tiny-clip");
    for (JsonNode file : pulled.findValues("file")) {
      assertThat(Path.of(file.asText())).isRegularFile();
    }
  }

  @Test
  void encoding_fetches_what_lacks_and_then_needs_no_network() throws Exception {
    Path yaml = world.resolve("mine.yaml");
    Files.writeString(yaml, "views: [{view: text_semantic, encoder: owner/tiny-bert}]");
    List<String> encode = new ArrayList<>(List.of("encode", "--encoders", yaml.toString()));
    encode.addAll(List.of(SmallPosts.data(SmallPosts.write(world.resolve("posts"), 20, 5))));
    encode.add("--out");

    for (int i = 0; i < 2; i++) {
      encode.add(world.resolve("features" + i).toString());
      Cli.Answer answer =
          equipoise(Map.of("HF_HUB_OFFLINE", String.valueOf(i)), encode.toArray(String[]::new));
      assertThat(answer.code()).as(answer.err()).isZero();
      encode.remove(encode.size() - 1);
    }

    JsonNode manifest = Json.read(world.resolve("features1/manifest.json"));
    assertThat(manifest.path("views").path(0).path("settings").path("revision").asText())
        .isEqualTo(commit);
    for (String file : List.of("manifest.json", "shard-00000.safetensors")) {
      assertThat(world.resolve("features1").resolve(file))
          .hasSameBinaryContentAs(world.resolve("features0").resolve(file));
    }
  }

  @Test
  void what_cannot_be_fetched_is_said_in_a_line_with_what_to_do() throws Exception {
    Cli.Answer unknown = equipoise(Map.of(), "models", "pull", "owner/tiny-bart");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).contains("no model owner/tiny-bart").contains(ID);

    Cli.Answer word = equipoise(Map.of(), "models", "pull", "bultin");
    assertThat(word.code()).isEqualTo(2);
    assertThat(word.err()).contains("did you mean 'builtin'").contains("owner/name");

    Cli.Answer offline = equipoise(Map.of("HF_HUB_OFFLINE", "1"), "models", "pull", ID);
    assertThat(offline.code()).isEqualTo(2);
    assertThat(offline.err()).contains("HF_HUB_OFFLINE").contains("models pull " + ID);

    Cli.Answer nowhere =
        equipoise(
            Map.of("HF_ENDPOINT", "http://127.0.0.1:1", "HF_TOKEN", "hf_secret"),
            "--debug",
            "models",
            "pull",
            ID);
    assertThat(nowhere.code()).isEqualTo(1);
    assertThat(nowhere.err()).contains("HF_ENDPOINT").doesNotContain("hf_secret");

    Cli.Answer preset = equipoise(Map.of(), "models", "pull", "builtin");
    assertThat(preset.code()).as(preset.err()).isZero();
    assertThat(preset.out()).contains("nothing to fetch");
  }

  private static JsonNode json(Cli.Answer answer) throws Exception {
    assertThat(answer.code()).as(answer.err()).isZero();
    return Json.MAPPER.readTree(answer.out());
  }
}
