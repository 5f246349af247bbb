package org.equipoise.encoders.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.equipoise.core.Progress;
import org.equipoise.core.WrongUseException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a name stands for: a folder, a hub's model, or what Python has fetched of it. */
class ModelsTest {
  private static final String ID = "owner/tiny";
  private static final byte[] CONFIG = "{}".getBytes();
  private static final byte[] GRAPH = {8, 1, 2, 3};
  private static final byte[] WEIGHTS = {9, 9, 9};

  @TempDir Path world;
  private LocalHub hub;
  private String commit;
  private Path python;

  @BeforeEach
  void publish() throws IOException {
    hub = new LocalHub();
    commit =
        hub.add(
            ID,
            Map.of(
                "config.json",
                CONFIG,
                "onnx/model.onnx",
                GRAPH,
                "onnx/large.onnx",
                GRAPH,
                "onnx/large.onnx_data",
                WEIGHTS));
    python = world.resolve("python/models--owner--tiny");
  }

  @AfterEach
  void close() {
    hub.close();
  }

  private Models models(boolean offline) {
    return new Models(
        HubSettings.of(
            Map.of(
                "HF_ENDPOINT",
                hub.endpoint().toString(),
                "HF_HUB_OFFLINE",
                offline ? "1" : "0",
                "HF_HUB_CACHE",
                world.resolve("python").toString()),
            world.resolve("home"),
            world));
  }

  private ModelFiles open(String encoder, boolean offline) {
    return models(offline).open(encoder, "main", world, Progress.NONE);
  }

  /** Puts a file where huggingface_hub would. */
  private Path cache(String path, byte[] content) throws IOException {
    String etag =
        LocalHub.isLarge(path)
            ? org.equipoise.core.io.Hashes.sha256(content)
            : LocalHub.gitSha1(content);
    Path blob = python.resolve("blobs").resolve(etag);
    Files.createDirectories(blob.getParent());
    Files.write(blob, content);
    Path file = python.resolve("snapshots").resolve(commit).resolve(path);
    Files.createDirectories(file.getParent());
    Assumptions.assumeTrue(
        FileSystems.getDefault().supportedFileAttributeViews().contains("posix"),
        "Python links to its blobs where the platform lets everybody make links");
    Files.createSymbolicLink(file, file.getParent().relativize(blob));
    Files.createDirectories(python.resolve("refs"));
    Files.writeString(python.resolve("refs/main"), commit);
    return file;
  }

  @Test
  void a_folder_is_found_beside_the_file_that_names_it() throws IOException {
    Files.createDirectories(world.resolve("mine/onnx"));
    Files.write(world.resolve("mine/onnx/model.onnx"), GRAPH);

    for (String name :
        List.of(
            "mine",
            "./mine",
            "~/mine",
            world.resolve("mine").toString(),
            "../x/../" + world.getFileName() + "/mine")) {
      ModelFiles model = open(name, true);
      assertThat(model.list()).containsExactly("onnx/model.onnx");
      assertThat(model.revision()).isEmpty();
      assertThat(model.get("onnx/model.onnx")).hasBinaryContent(GRAPH);
    }
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void a_folder_of_the_same_name_wins_over_the_hub() throws IOException {
    Files.createDirectories(world.resolve(ID));

    assertThat(open(ID, false).list()).isEmpty();
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void a_folder_that_is_not_there_is_named_in_full() {
    assertThatThrownBy(() -> open("./gone", true))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining(world.resolve("gone").toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "a/b/c", "a--b/c", "-a/b", "a/b.", "", "a b/c", "a/b?c"})
  void what_is_neither_a_folder_nor_a_model_of_a_hub_is_wrong_use(String name) throws IOException {
    Path base = Files.createDirectories(world.resolve("empty/base"));
    assertThatThrownBy(() -> models(true).open(name, "main", base, Progress.NONE))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("'" + name + "'")
        .hasMessageContaining("owner/name");
  }

  @Test
  void what_python_has_is_used_in_place_and_only_the_rest_is_fetched() throws IOException {
    Path cached = cache("onnx/model.onnx", GRAPH);

    ModelFiles model = open(ID, false);
    model.fetch(List.of("config.json", "onnx/model.onnx"));

    assertThat(model.get("onnx/model.onnx")).isEqualTo(cached);
    assertThat(model.get("config.json")).startsWith(world.resolve("home/models"));
    assertThat(hub.requests("model.onnx")).isEmpty();
  }

  @Test
  void offline_what_python_has_is_all_there_is() throws IOException {
    cache("onnx/model.onnx", GRAPH);
    cache("config.json", CONFIG);

    ModelFiles model = open(ID, true);

    assertThat(model.revision()).isEqualTo(commit);
    assertThat(model.list()).containsExactly("config.json", "onnx/model.onnx");
    assertThat(model.get("onnx/model.onnx")).hasBinaryContent(GRAPH);
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void a_file_of_python_s_that_rotted_is_fetched_anew_and_left_as_it_is() throws IOException {
    Path cached = cache("onnx/model.onnx", GRAPH);
    Files.write(cached, new byte[] {8, 1, 2, 4});

    ModelFiles model = open(ID, false);

    assertThat(model.get("onnx/model.onnx"))
        .startsWith(world.resolve("home/models"))
        .hasBinaryContent(GRAPH);
    assertThat(cached).hasBinaryContent(new byte[] {8, 1, 2, 4});
  }

  @Test
  void a_file_of_python_s_is_hashed_once() throws IOException {
    Path cached = cache("onnx/model.onnx", GRAPH);
    open(ID, false).get("onnx/model.onnx");
    var time = Files.getLastModifiedTime(cached);
    Files.write(cached, new byte[] {8, 1, 2, 4});
    Files.setLastModifiedTime(cached.toRealPath(), time);

    assertThat(open(ID, false).get("onnx/model.onnx")).isEqualTo(cached);
    assertThat(models(true).verify(Progress.NONE).broken())
        .extracting(Models.Broken::file)
        .containsExactly(cached);
  }

  @Test
  void a_graph_and_its_weights_lie_in_one_folder_wherever_they_come_from() throws IOException {
    cache("onnx/large.onnx", GRAPH);

    ModelFiles model = open(ID, false);
    model.fetch(List.of("onnx/large.onnx", "onnx/large.onnx_data"));

    Path graph = model.get("onnx/large.onnx");
    assertThat(graph.resolveSibling("large.onnx_data")).hasBinaryContent(WEIGHTS);
    assertThat(Files.isSymbolicLink(graph)).isFalse();
    assertThat(graph).hasBinaryContent(GRAPH);
    assertThat(hub.requests("large.onnx")).isEmpty();
  }

  @Test
  void models_of_python_s_that_have_a_graph_are_listed() throws IOException {
    cache("config.json", CONFIG);
    assertThat(models(true).here()).isEmpty();
    cache("onnx/model.onnx", GRAPH);

    assertThat(models(true).here())
        .singleElement()
        .satisfies(
            here -> {
              assertThat(here.id()).isEqualTo(ID);
              assertThat(here.commit()).isEqualTo(commit);
              assertThat(here.files()).isEqualTo(2);
              assertThat(here.bytes()).isEqualTo(CONFIG.length + GRAPH.length);
              assertThat(here.python()).isTrue();
            });
  }

  @Test
  void weights_beside_a_graph_are_told_by_the_names_that_exporters_give() {
    assertThat(
            ExternalData.of(
                "onnx/model.onnx",
                List.of(
                    "onnx/model.onnx",
                    "onnx/model.onnx_data",
                    "onnx/model.onnx_data_1",
                    "onnx/model.onnx.data",
                    "onnx/model_fp16.onnx",
                    "onnx/model_fp16.onnx_data",
                    "model.onnx_data")))
        .containsExactly("onnx/model.onnx.data", "onnx/model.onnx_data", "onnx/model.onnx_data_1");
  }
}
