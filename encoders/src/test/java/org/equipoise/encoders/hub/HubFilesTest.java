package org.equipoise.encoders.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.equipoise.encoders.hub.LocalHub.content;
import static org.equipoise.encoders.hub.LocalHub.cut;
import static org.equipoise.encoders.hub.LocalHub.drip;
import static org.equipoise.encoders.hub.LocalHub.range;
import static org.equipoise.encoders.hub.LocalHub.silence;
import static org.equipoise.encoders.hub.LocalHub.status;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.equipoise.core.Progress;
import org.equipoise.core.WrongUseException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fetching from a server that behaves like a hub, and from one that does not. */
class HubFilesTest {
  private static final String ID = "owner/tiny";
  private static final String GRAPH = "onnx/model.onnx";
  private static final String SECRET = "hf_abcSecret123";
  private static final Patience SHORT =
      new Patience(
          Duration.ofSeconds(2),
          Duration.ofSeconds(5),
          64,
          4,
          Duration.ofMillis(2),
          Duration.ofMillis(10),
          Duration.ofSeconds(2));

  @TempDir Path world;
  private LocalHub hub;
  private Map<String, byte[]> files;
  private String commit;

  @BeforeEach
  void publish() throws IOException {
    hub = new LocalHub();
    files = new LinkedHashMap<>();
    files.put("config.json", "{\"model_type\": \"bert\"}".getBytes());
    files.put("tokenizer.json", "{}".getBytes());
    files.put("empty.txt", new byte[0]);
    files.put("a folder/café+%.txt", "odd".getBytes());
    files.put(GRAPH, bytes(300_000));
    files.put("onnx/model.onnx_data", bytes(70_000));
    commit = hub.add(ID, files);
  }

  @AfterEach
  void close() {
    hub.close();
  }

  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    new Random(count).nextBytes(bytes);
    return bytes;
  }

  private HubSettings settings(URI endpoint, boolean offline) {
    return settings(endpoint, offline, SHORT);
  }

  private HubSettings settings(URI endpoint, boolean offline, Patience patience) {
    return new HubSettings(
        endpoint,
        Token.of(SECRET, "a test"),
        offline,
        world.resolve("models"),
        world.resolve("python"),
        world,
        patience);
  }

  private ModelFiles openImpatiently() {
    Patience impatient = SHORT.withIdle(Duration.ofMillis(250));
    return new Models(settings(hub.endpoint(), false, impatient))
        .open(ID, "main", world, Progress.NONE);
  }

  private Models models() {
    return new Models(settings(hub.endpoint(), false));
  }

  private Models offline() {
    return new Models(settings(hub.endpoint(), true));
  }

  private ModelFiles open() {
    return models().open(ID, "main", world, Progress.NONE);
  }

  private Path partial() {
    String hash = org.equipoise.core.io.Hashes.sha256(files.get(GRAPH));
    return world.resolve("models/owner--tiny/partial/" + hash + ".partial");
  }

  private static String allOf(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  private void assertWhole(Path file, String path) {
    assertThat(file).as(hub.log()).hasBinaryContent(files.get(path));
  }

  @Test
  void every_file_is_listed_over_all_pages_and_arrives_whole() {
    ModelFiles model = open();

    assertThat(model.revision()).isEqualTo(commit);
    assertThat(model.list()).containsExactlyInAnyOrderElementsOf(files.keySet());
    model.fetch(model.list());
    files.forEach((path, content) -> assertWhole(model.get(path), path));
    assertThat(model.get(GRAPH)).startsWith(world.resolve("models/owner--tiny").resolve(commit));
  }

  @Test
  void the_token_goes_to_the_hub_alone() {
    open().get(GRAPH);

    assertThat(hub.requests())
        .anySatisfy(request -> assertThat(request.host()).isEqualTo(hub.cdnHost()))
        .allSatisfy(
            request ->
                assertThat(request.authorization())
                    .isEqualTo(request.host().equals(hub.cdnHost()) ? "" : "Bearer " + SECRET));
  }

  @Test
  void another_port_of_the_same_host_is_another_host() {
    String place = "http://" + hub.cdnHost().replace("localhost", "127.0.0.1") + "/a/b/c/d/e";
    hub.fail("/revision/main", status(307, "Location", place));

    assertThatThrownBy(this::open).isInstanceOf(WrongUseException.class);
    assertThat(hub.requests("/a/b/c/d/e"))
        .singleElement()
        .satisfies(request -> assertThat(request.authorization()).isEmpty());
  }

  @Test
  void no_redirect_leads_out_of_encryption_or_away_from_the_web() {
    URI from = URI.create("https://hub.example/a");
    assertThat(HubClient.target(from, "/b?c=d")).isEqualTo(URI.create("https://hub.example/b?c=d"));
    for (String to : List.of("http://cdn.example/a", "file:///etc/passwd", "", "http:// /")) {
      assertThatThrownBy(() -> HubClient.target(from, to))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("redirects to");
    }
  }

  @Test
  void a_changed_record_of_our_own_is_made_anew() throws IOException {
    open().get(GRAPH);
    Path model = world.resolve("models/owner--tiny");
    Files.writeString(model.resolve("listings").resolve(commit + ".json"), "{\"files\": [");
    Files.writeString(model.resolve("verified").resolve(commit + ".json"), "{\"a\": {}}");
    Files.writeString(model.resolve("refs/main"), "nonsense");

    ModelFiles again = open();

    assertWhole(again.get(GRAPH), GRAPH);
    assertThat(again.list()).hasSameSizeAs(files.keySet());
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void a_renamed_model_is_followed_to_its_new_name(int status) {
    hub.fail(
        "old/name/revision/main",
        status(status, "Location", "/api/models/" + ID + "/revision/main"));

    assertThat(models().open("old/name", "main", world, Progress.NONE).revision())
        .isEqualTo(commit);
  }

  @Test
  void a_circle_of_redirects_ends() {
    String place = "/api/models/" + ID + "/revision/main";
    LocalHub.Fault again = status(302, "Location", place);
    hub.fail(place, Stream.generate(() -> again).limit(50).toArray(LocalHub.Fault[]::new));

    assertThatThrownBy(this::open)
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("circle");
  }

  @Test
  void a_cut_transfer_goes_on_where_it_stopped() {
    hub.fail(GRAPH, cut(100_000), cut(0));

    assertWhole(open().get(GRAPH), GRAPH);
    // the answers that the first and second faults cut off came without a range
    assertThat(hub.requests(GRAPH).stream().map(LocalHub.Request::range).filter(r -> !r.isEmpty()))
        .isNotEmpty()
        .allSatisfy(range -> assertThat(range).matches("bytes=[1-9]\\d*-"));
  }

  @Test
  void a_hub_that_begins_anew_each_time_and_never_ends_is_given_up() {
    LocalHub.Fault cut = cut(100_000);
    hub.fail(GRAPH, Stream.generate(() -> cut).limit(50).toArray(LocalHub.Fault[]::new));
    ModelFiles model = open();

    assertThatThrownBy(() -> model.get(GRAPH))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(GRAPH)
        .hasMessageContaining("cut");
    assertThat(hub.requests(GRAPH).size()).isLessThan(40);
  }

  @Test
  void what_arrived_stays_for_the_next_call() throws IOException {
    hub.fail(GRAPH, cut(100_000), status(503), status(503), status(503), status(503));
    ModelFiles model = open();

    assertThatThrownBy(() -> model.get(GRAPH))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("503")
        .hasMessageContaining(GRAPH)
        .hasMessageContaining("kept");
    long arrived = Files.size(partial());
    assertThat(arrived).isBetween(1L, 100_000L);

    assertWhole(open().get(GRAPH), GRAPH);
    LocalHub.Request last = hub.requests(GRAPH).get(hub.requests(GRAPH).size() - 1);
    assertThat(last.range()).isEqualTo("bytes=" + arrived + "-");
    assertThat(last.ifRange()).isEqualTo(LocalHub.etag(files.get(GRAPH)));
    assertThat(partial()).doesNotExist();
  }

  @Test
  void a_content_that_changed_between_two_calls_is_fetched_from_the_start() throws IOException {
    Files.createDirectories(partial().getParent());
    Files.write(partial(), new byte[1000]);
    Files.writeString(Path.of(partial().toString().replace(".partial", ".etag")), "\"old\"");

    assertWhole(open().get(GRAPH), GRAPH);
    assertThat(hub.requests(GRAPH)).extracting(LocalHub.Request::ifRange).contains("\"old\"");
  }

  @ParameterizedTest
  @CsvSource({"0, 299999, 300000", "1000, 299998, 299999", "999, 1200, 300000", "5, 4, 300000"})
  void another_part_than_was_asked_for_is_not_used(int from, int to, int of) throws IOException {
    Files.createDirectories(partial().getParent());
    Files.write(partial(), java.util.Arrays.copyOf(files.get(GRAPH), 1000));
    hub.fail(GRAPH, range(from, Math.max(from, to), of));

    assertWhole(open().get(GRAPH), GRAPH);
  }

  @Test
  void a_part_that_is_too_long_or_beyond_the_end_is_thrown_away() throws IOException {
    Files.createDirectories(partial().getParent());
    Files.write(partial(), new byte[400_000]);
    assertWhole(open().get(GRAPH), GRAPH);

    Files.delete(open().get(GRAPH));
    Files.write(partial(), new byte[299_999]);
    hub.fail(GRAPH, status(416));
    assertWhole(open().get(GRAPH), GRAPH);
  }

  @Test
  void damaged_content_is_fetched_once_more() {
    byte[] flipped = files.get(GRAPH).clone();
    flipped[77] ^= 1;
    hub.fail(GRAPH, content(flipped));
    hub.fail("config.json", content("{\"model_type\": \"BERT\"}".getBytes()));

    ModelFiles model = open();
    model.fetch(List.of(GRAPH, "config.json"));

    assertWhole(model.get(GRAPH), GRAPH);
    assertWhole(model.get("config.json"), "config.json");
  }

  @Test
  void content_that_stays_damaged_is_refused_and_nothing_is_left() {
    byte[] flipped = files.get(GRAPH).clone();
    flipped[77] ^= 1;
    hub.fail(GRAPH, content(flipped), content(flipped));
    ModelFiles model = open();

    assertThatThrownBy(() -> model.get(GRAPH))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(GRAPH)
        .hasMessageContaining("damaged twice")
        .hasMessageContaining("SHA-256")
        .hasMessageContaining("HF_ENDPOINT");
    assertThat(partial()).doesNotExist();
    assertThat(world.resolve("models/owner--tiny").resolve(commit).resolve(GRAPH)).doesNotExist();
  }

  @Test
  void a_pointer_in_place_of_the_content_is_told_by_its_length() {
    byte[] pointer = "version https://git-lfs.github.com/spec/v1\n".getBytes();
    hub.fail(GRAPH, content(pointer), content(pointer));
    ModelFiles model = open();

    assertThatThrownBy(() -> model.get(GRAPH)).hasMessageContaining("300,000");
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 502, 503, 504})
  void what_may_pass_is_tried_again(int status) {
    hub.fail("/revision/main", status(status));
    hub.fail("/tree/" + commit, status(status), status(status));
    hub.fail("config.json", status(status));
    hub.fail(GRAPH, status(status));

    ModelFiles model = open();
    model.fetch(List.of(GRAPH, "config.json"));

    assertWhole(model.get(GRAPH), GRAPH);
  }

  @Test
  @Tag("slow")
  void the_hub_is_left_alone_as_long_as_it_asks() {
    hub.fail("/revision/main", status(429, "Retry-After", "1"));
    Instant begun = Instant.now();

    open();

    assertThat(Duration.between(begun, Instant.now())).isGreaterThan(Duration.ofMillis(990));
  }

  @Test
  void a_hub_that_asks_to_wait_too_long_is_not_waited_for() {
    hub.fail("/revision/main", status(429, "Retry-After", "3600"));

    assertThatThrownBy(this::open)
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("429")
        .hasMessageContaining("3600 s");
    assertThat(hub.requests("/revision/main")).hasSize(1);
  }

  @Test
  void waiting_is_asked_for_in_seconds_or_by_a_date() {
    Instant now = Instant.parse("2026-03-01T10:00:00Z");
    String date =
        DateTimeFormatter.RFC_1123_DATE_TIME.format(
            ZonedDateTime.ofInstant(now.plusSeconds(90), ZoneOffset.UTC));

    assertThat(HubClient.retryAfter("7", now)).contains(Duration.ofSeconds(7));
    assertThat(HubClient.retryAfter(date, now)).contains(Duration.ofSeconds(90));
    assertThat(HubClient.retryAfter(date, now.plusSeconds(100))).contains(Duration.ZERO);
    assertThat(HubClient.retryAfter("soon", now)).isEmpty();
    assertThat(HubClient.untilReset("\"api\";r=0;t=55")).contains(Duration.ofSeconds(55));
    assertThat(HubClient.untilReset("")).isEmpty();
  }

  @Test
  void a_transfer_that_only_drips_is_broken_off_and_resumed() {
    hub.fail(GRAPH, drip(30));

    assertWhole(openImpatiently().get(GRAPH), GRAPH);
    assertThat(hub.requests(GRAPH).size()).isGreaterThan(2);
  }

  @Test
  void a_hub_that_says_nothing_is_asked_again() {
    hub.fail("/revision/main", silence(600));

    assertThat(openImpatiently().revision()).isEqualTo(commit);
  }

  @Test
  void a_model_that_is_not_there_is_said_with_those_of_a_like_name() {
    assertThatThrownBy(() -> models().open("owner/tinny", "main", world, Progress.NONE))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("no model owner/tinny")
        .hasMessageContaining(ID);
  }

  @Test
  void a_revision_that_is_not_there_is_said_with_those_that_are() {
    assertThatThrownBy(() -> models().open(ID, "v1", world, Progress.NONE))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("no revision 'v1'")
        .hasMessageContaining("did you mean 'v1.0'")
        .hasMessageContaining("main");
  }

  @Test
  void a_file_that_is_not_there_is_said_with_the_nearest() {
    ModelFiles model = open();

    assertThat(model.has("onnx/modell.onnx")).isFalse();
    assertThatThrownBy(() -> model.get("onnx/modell.onnx"))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("did you mean 'onnx/model.onnx'");
  }

  @Test
  void a_gated_model_says_where_its_terms_are() {
    hub.fail("/revision/main", status(403, "X-Error-Code", "GatedRepo"));

    assertThatThrownBy(this::open)
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("accept the model's terms at " + hub.endpoint() + "/" + ID)
        .hasMessageContaining("HF_TOKEN");
  }

  @Test
  void a_refused_token_is_said_and_so_is_none() {
    LocalHub.Fault refusal = status(401, "WWW-Authenticate", "Bearer realm=\"a hub\"");
    hub.fail("/revision/main", refusal, refusal);
    HubSettings with = settings(hub.endpoint(), false);
    Models without =
        new Models(
            new HubSettings(
                with.endpoint(),
                Optional.empty(),
                false,
                with.models(),
                with.pythonCache(),
                world,
                SHORT));

    assertThatThrownBy(this::open)
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("refuses the token");
    assertThatThrownBy(() -> without.open(ID, "main", world, Progress.NONE))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("private or gated")
        .hasMessageContaining("HF_TOKEN");
  }

  @Test
  void no_message_holds_the_token_or_a_signature() {
    List<Runnable> failing =
        List.of(
            () -> {
              hub.fail("/revision/main", status(401));
              open();
            },
            () -> {
              hub.fail("/revision/main", status(403));
              open();
            },
            () -> {
              hub.fail(GRAPH, status(403), status(403), status(403), status(403));
              open().get(GRAPH);
            },
            () -> {
              hub.fail(GRAPH, status(302, "Location", "http://127.0.0.1:1/x?signature=hush"));
              hub.fail(GRAPH, status(400));
              open().get(GRAPH);
              open().get("absent");
            });
    for (Runnable one : failing) {
      assertThatThrownBy(one::run)
          .satisfies(e -> assertThat(allOf(e)).doesNotContain(SECRET).doesNotContain("hush"));
    }
    assertThat(settings(hub.endpoint(), false).toString()).doesNotContain(SECRET);
  }

  @Test
  void no_network_says_what_to_do() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    Models nowhere = new Models(settings(URI.create("http://127.0.0.1:" + free), false));

    assertThatThrownBy(() -> nowhere.open(ID, "main", world, Progress.NONE))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("127.0.0.1:" + free)
        .hasMessageContaining("HF_ENDPOINT")
        .hasMessageContaining("HF_HUB_OFFLINE=1");
  }

  @Test
  void without_a_network_a_branch_is_what_it_was() throws IOException {
    open().get(GRAPH);
    Models nowhere = new Models(settings(URI.create("http://127.0.0.1:1"), false));

    ModelFiles model = nowhere.open(ID, "main", world, Progress.NONE);

    assertThat(model.revision()).isEqualTo(commit);
    assertWhole(model.get(GRAPH), GRAPH);
  }

  @Test
  void what_was_fetched_at_a_commit_is_opened_without_asking_the_hub() {
    open().get(GRAPH);
    int before = hub.requests().size();

    ModelFiles model = models().open(ID, commit, world, Progress.NONE);

    assertThat(model.has("config.json")).isTrue();
    assertWhole(model.get(GRAPH), GRAPH);
    assertThat(hub.requests()).hasSize(before);
  }

  @Test
  void offline_nothing_is_asked_and_what_lacks_is_named_with_the_command_that_fetches_it() {
    open().get("config.json");
    int before = hub.requests().size();

    ModelFiles model = offline().open(ID, "main", world, Progress.NONE);
    assertWhole(model.get("config.json"), "config.json");
    assertThatThrownBy(() -> model.fetch(List.of("config.json", GRAPH, "tokenizer.json")))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("HF_HUB_OFFLINE")
        .hasMessageContaining(GRAPH + ", tokenizer.json are not on this machine")
        .hasMessageContaining("models pull owner/tiny --revision " + commit + " --file " + GRAPH);
    assertThatThrownBy(() -> offline().open("owner/other", "main", world, Progress.NONE))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("models pull owner/other --revision main");
    assertThatThrownBy(
            () -> offline().open("owner/other", "0".repeat(40), world, Progress.NONE).list())
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("HF_HUB_OFFLINE");
    assertThat(hub.requests()).hasSize(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../evil.txt",
        "onnx/../../evil.txt",
        "/etc/evil",
        "a//b",
        "./a",
        "c:\\evil",
        "a\\..\\..\\evil",
        "a\u0000b"
      })
  void a_listed_path_that_leads_out_of_the_folder_is_refused(String path) {
    files.put(path, "evil".getBytes());
    hub.add(ID, files);

    assertThatThrownBy(() -> open().list())
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("leads out of the model's folder");
    assertThat(world.resolve("models/owner--tiny").resolve(commit)).doesNotExist();
  }

  @Test
  void progress_counts_every_byte_once_even_if_some_come_twice() {
    AtomicLong steps = new AtomicLong();
    AtomicLong total = new AtomicLong();
    Progress progress =
        (what, all) -> {
          total.set(all);
          Progress.Task none = Progress.NONE.start(what, all);
          return new Progress.Task() {
            @Override
            public void step(long count) {
              steps.addAndGet(count);
            }

            @Override
            public void note(String message) {
              none.note(message);
            }

            @Override
            public void close() {
              none.close();
            }
          };
        };
    byte[] flipped = files.get(GRAPH).clone();
    flipped[0] ^= 1;
    hub.fail(GRAPH, content(flipped), cut(5000), status(416));

    models().open(ID, "main", world, progress).fetch(List.of(GRAPH, "config.json"));

    assertThat(total).hasValue(files.get(GRAPH).length + files.get("config.json").length);
    assertThat(steps).hasValue(total.get());
  }

  @Test
  void what_rots_on_the_disk_is_found_and_mended() throws IOException {
    Models models = models();
    Path graph = models.pull(ID, "main", ModelFiles::list, Progress.NONE).get(GRAPH);
    assertThat(models.verify(Progress.NONE).broken()).isEmpty();
    assertThat(models.verify(Progress.NONE).files()).isEqualTo(files.size());
    var time = Files.getLastModifiedTime(graph);
    byte[] rotten = files.get(GRAPH).clone();
    rotten[12] ^= 4;
    Files.write(graph, rotten);
    Files.setLastModifiedTime(graph, time);
    Files.delete(graph.resolveSibling("model.onnx_data"));

    Models.Check check = models.verify(Progress.NONE);

    assertThat(check.broken())
        .extracting(Models.Broken::file)
        .containsExactlyInAnyOrder(graph, graph.resolveSibling("model.onnx_data"));
    models.pull(ID, "main", ModelFiles::list, Progress.NONE);
    assertThat(models.verify(Progress.NONE).broken()).isEmpty();
    assertWhole(graph, GRAPH);
  }

  @Test
  void what_is_on_this_machine_is_listed_with_its_size() {
    assertThat(models().here()).isEmpty();
    models().pull(ID, "main", files -> List.of("config.json", GRAPH), Progress.NONE);

    assertThat(models().here())
        .singleElement()
        .satisfies(
            here -> {
              assertThat(here.id()).isEqualTo(ID);
              assertThat(here.commit()).isEqualTo(commit);
              assertThat(here.files()).isEqualTo(2);
              assertThat(here.bytes())
                  .isEqualTo(files.get("config.json").length + files.get(GRAPH).length);
              assertThat(here.python()).isFalse();
            });
  }
}
