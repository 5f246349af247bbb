package org.equipoise.encoders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.equipoise.core.Form;
import org.equipoise.core.Modality;
import org.equipoise.core.Post;
import org.equipoise.core.Progress;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.core.io.Json;
import org.equipoise.core.safetensors.DType;
import org.equipoise.core.safetensors.SafetensorsFile;
import org.equipoise.encoders.hub.LocalHub;
import org.equipoise.testing.Folders;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every preset from a hub to a store: the golden models stand in for the presets' own, under their
 * ids and commits, on a hub on this machine.
 */
@Tag("golden")
class PresetsOfAHubTest {
  private static final double FEATURES = 1e-4;
  private static final double COSINE = 0.9999;
  private static final TextCleaning CLEANING = TextCleaning.of(Map.of(), "defaults");

  @TempDir static Path folder;

  private static String first;
  private static String offline;

  @BeforeAll
  static void encode_all_presets_and_again_without_the_hub() throws Exception {
    try (LocalHub hub = new LocalHub()) {
      Map<String, String> commits = commits();
      StandInModels.all().forEach((id, files) -> hub.add(id, commits.get(id), files));
      first = encode(folder.resolve("first"), Map.of("HF_ENDPOINT", hub.endpoint().toString()));
    }
    offline = encode(folder.resolve("offline"), Map.of("HF_HUB_OFFLINE", "1"));
  }

  private static Map<String, String> commits() {
    Map<String, String> commits = new TreeMap<>();
    for (EncoderSet.Entry entry : ofHubs()) {
      commits.put(entry.encoder(), (String) entry.settings().get("revision"));
    }
    return commits;
  }

  private static List<EncoderSet.Entry> ofHubs() {
    return presets().stream()
        .flatMap(preset -> EncoderSet.load(preset).views().stream())
        .filter(entry -> !entry.encoder().startsWith("builtin/"))
        .toList();
  }

  private static List<String> presets() {
    return EncoderSet.presets().stream().filter(name -> !name.equals("builtin")).toList();
  }

  private static String encode(Path stores, Map<String, String> environment) throws Exception {
    ProcessBuilder process = ChildProcess.java(Encode.class, List.of(), stores.toString());
    process.environment().keySet().removeIf(name -> name.startsWith("HF_"));
    process.environment().put("EQUIPOISE_HOME", folder.resolve("home").toString());
    process.environment().put("HF_HOME", folder.resolve("python").toString());
    process.environment().putAll(environment);
    return ChildProcess.output(process);
  }

  /** Encodes the golden texts and images by every preset, in a process with its own environment. */
  static final class Encode {
    public static void main(String[] arguments) {
      for (String preset : presets()) {
        EncoderPlan plan =
            new EncoderPlan(EncoderSet.load(preset), Form.POOLED, EncoderOptions.threads(2));
        new EncodeJob(plan, new EncodeJob.Options(DType.F32, 2))
            .run(posts(), posts().size(), "golden", Path.of(arguments[0], preset), Progress.NONE);
        System.out.println("encoded " + preset);
      }
    }
  }

  /** A text and an image each. */
  private static List<Post> posts() {
    JsonNode index = index();
    List<JsonNode> images = new ArrayList<>();
    index
        .path("images")
        .forEach(
            image -> {
              if (image.path("readable").asBoolean()) {
                images.add(image);
              }
            });
    List<Post> posts = new ArrayList<>();
    for (JsonNode text : Json.read(golden("inputs/texts.json"))) {
      String image = images.get(posts.size() % images.size()).path("name").asText();
      posts.add(
          Post.builder(text.path("id").asText())
              .text(text.path("text").asText())
              .images(List.of(golden("inputs/images").resolve(image)))
              .build());
    }
    assertThat(posts).isNotEmpty();
    return posts;
  }

  private static Path golden(String file) {
    return Folders.golden().resolve("encoders").resolve(file);
  }

  private static JsonNode index() {
    return Json.read(golden("index.json"));
  }

  @Test
  void every_preset_gives_its_four_views_of_every_post() {
    for (String preset : presets()) {
      assertThat(first).contains("encoded " + preset);
      StoreManifest manifest =
          FeatureStore.open(folder.resolve("first").resolve(preset)).manifest();
      List<EncoderInfo> encoders = manifest.header().spec().encoders();
      List<EncoderSet.Entry> asked = EncoderSet.load(preset).views();
      assertThat(encoders)
          .extracting(info -> info.view().name())
          .isEqualTo(asked.stream().map(EncoderSet.Entry::view).toList());
      for (int i = 0; i < encoders.size(); i++) {
        EncoderInfo info = encoders.get(i);
        assertThat(info.encoder()).isEqualTo(asked.get(i).encoder());
        assertThat(info.settings())
            .containsEntry("revision", (String) asked.get(i).settings().get("revision"));
        long present =
            manifest.shards().stream()
                .mapToLong(shard -> shard.present().get(info.view().name()))
                .sum();
        boolean text = info.view().modality() == Modality.TEXT;
        assertThat(present)
            .as("%s, %s", preset, info.view())
            .isEqualTo(posts().stream().filter(post -> !text || hasText(post)).count());
      }
    }
  }

  @Test
  void a_preset_that_was_fetched_once_works_without_a_network() throws IOException {
    for (String preset : presets()) {
      assertThat(offline).contains("encoded " + preset);
      FeatureStoreTest.assertSameFiles(
          folder.resolve("first").resolve(preset), folder.resolve("offline").resolve(preset));
    }
  }

  @Test
  void paper_en_gives_the_features_of_the_reference() {
    Path store = folder.resolve("first").resolve("paper-en");
    StoreManifest manifest = FeatureStore.open(store).manifest();
    SafetensorsFile shard = SafetensorsFile.open(store.resolve(manifest.shards().get(0).file()));
    SafetensorsFile golden = SafetensorsFile.open(golden("golden/features.safetensors"));
    JsonNode index = index();
    int texts = 0;
    for (Post post : posts()) {
      int row = manifest.ids().indexOf(post.id());
      int image = row(index.path("rows_of_image_features"), post.images().get(0));
      assertCosine(shard, "image_pattern", row, golden, "tiny-swin-classifier.logits", image);
      assertCosine(shard, "image_semantic", row, golden, "tiny-clip.image_embeds", image);
      boolean same = CLEANING.clean(post.text()).equals(post.text());
      if (same && hasText(post) && !truncated(index, post.id())) {
        int text = row(index.path("rows_of_text_features"), Path.of(post.id()));
        assertClose(shard, "text_pattern", row, golden, "tiny-bert.mean", text);
        assertClose(shard, "text_semantic", row, golden, "tiny-clip.text_embeds", text);
        texts++;
      }
    }
    assertThat(texts).isPositive();
  }

  private static boolean hasText(Post post) {
    return !CLEANING.clean(post.text()).isEmpty();
  }

  private static boolean truncated(JsonNode index, String id) {
    for (JsonNode text : index.path("texts")) {
      if (text.path("id").asText().equals(id)) {
        return !text.path("truncated").isEmpty();
      }
    }
    return false;
  }

  private static int row(JsonNode rows, Path name) {
    for (int i = 0; i < rows.size(); i++) {
      if (rows.path(i).asText().equals(name.getFileName().toString())) {
        return i;
      }
    }
    throw new AssertionError(name + " is not among " + rows);
  }

  private static void assertClose(
      SafetensorsFile shard, String view, int row, SafetensorsFile golden, String name, int in) {
    float[] found = values(shard, view, row);
    float[] expected = values(golden, name, in);
    assertThat(found).as(view).hasSameSizeAs(expected);
    for (int d = 0; d < found.length; d++) {
      assertThat((double) found[d])
          .as("%s, row %d", view, row)
          .isCloseTo(expected[d], within(FEATURES));
    }
  }

  private static void assertCosine(
      SafetensorsFile shard, String view, int row, SafetensorsFile golden, String name, int in) {
    float[] found = values(shard, view, row);
    float[] expected = values(golden, name, in);
    double product = 0;
    double squares = 0;
    double expectedSquares = 0;
    for (int d = 0; d < expected.length; d++) {
      product += (double) found[d] * expected[d];
      squares += (double) found[d] * found[d];
      expectedSquares += (double) expected[d] * expected[d];
    }
    assertThat(product / Math.sqrt(squares * expectedSquares))
        .as("%s, row %d", view, row)
        .isGreaterThan(COSINE);
  }

  /** One row of a tensor {@code [N, d]} or {@code [N, 1, d]}. */
  private static float[] values(SafetensorsFile file, String name, int row) {
    long[] shape = file.info(name).dimensions();
    int width = (int) shape[shape.length - 1];
    float[] all = file.floats(name);
    float[] values = new float[width];
    System.arraycopy(all, row * width, values, 0, width);
    return values;
  }
}
