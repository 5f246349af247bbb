package org.equipoise.encoders.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.equipoise.core.Form;
import org.equipoise.core.Post;
import org.equipoise.core.features.ExtractedPost;
import org.equipoise.core.features.FeatureExtractor;
import org.equipoise.core.features.FeatureSpec;
import org.equipoise.core.io.Json;
import org.equipoise.core.safetensors.SafetensorsFile;
import org.equipoise.encoders.Encoders;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Posts through an encoders' file that names models by their folders. */
@Tag("golden")
class OnnxThroughYamlTest {
  @TempDir Path folder;

  private static String view(Object model) {
    return model.toString().replace('-', '_');
  }

  private FeatureExtractor open(Form form) throws IOException {
    StringBuilder views = new StringBuilder("cleaning: {urls: keep, spaces: false}\nviews:\n");
    for (Path model : GoldenModels.with("onnx/model.onnx")) {
      views.append("  - {view: %s, encoder: %s}%n".formatted(view(model.getFileName()), model));
    }
    for (Path model : GoldenModels.with("onnx/text_model.onnx")) {
      for (String modality : List.of("text", "image")) {
        views.append(
            "  - {view: %s_%s, encoder: %s, settings: {modality: %s}}%n"
                .formatted(
                    view(model.getFileName()), modality, folder.relativize(model), modality));
      }
    }
    Path file = folder.resolve("encoders.yaml");
    Files.writeString(file, views);
    return Encoders.open(file.toString(), form, 2);
  }

  private static List<Post> posts() {
    List<Post> posts = new ArrayList<>();
    Path inputs = GoldenModels.folder().resolve("inputs/images");
    Map<String, String> texts = GoldenModels.texts();
    List<String> ids = List.copyOf(texts.keySet());
    int next = 0;
    for (JsonNode image : GoldenModels.index().path("images")) {
      String name = image.path("name").asText();
      posts.add(
          Post.builder(name)
              .text(texts.get(ids.get(next++ % ids.size())))
              .images(List.of(inputs.resolve(name)))
              .build());
    }
    return posts;
  }

  @Test
  void posts_get_the_golden_features_of_their_images_and_none_of_broken_ones() throws IOException {
    SafetensorsFile golden = GoldenModels.file("features.safetensors");
    List<String> rows = GoldenModels.strings(GoldenModels.index().path("rows_of_image_features"));
    try (FeatureExtractor extractor = open(Form.POOLED)) {
      List<ExtractedPost> posts = extractor.extract(posts());
      assertThat(posts).hasSizeGreaterThan(rows.size());
      int compared = 0;
      for (ExtractedPost post : posts) {
        int row = rows.indexOf(post.id());
        for (String name : golden.names()) {
          String view =
              view(name.replaceFirst("\\.image_embeds$", "_image").replaceFirst("\\..*", ""));
          if (name.contains("tokens.") || golden.info(name).dimensions()[0] != rows.size()) {
            continue;
          }
          if (row < 0) {
            assertThat(post.views()).as(post.id()).doesNotContainKey(view);
            continue;
          }
          int width = (int) golden.info(name).dimensions()[1];
          float[] expected =
              Arrays.copyOfRange(golden.floats(name), row * width, (row + 1) * width);
          assertThat(GoldenModels.cosine(post.views().get(view).values(), expected))
              .as("%s of %s", name, post.id())
              .isGreaterThanOrEqualTo(0.9999);
          compared++;
        }
      }
      assertThat(compared).isGreaterThanOrEqualTo(rows.size());
    }
  }

  @Test
  void what_is_on_record_opens_again_and_gives_the_same_bits() throws IOException {
    for (Form form : Form.values()) {
      try (FeatureExtractor extractor = open(form)) {
        FeatureSpec recorded =
            FeatureSpec.fromJson(
                Json.MAPPER.readTree(Json.line(extractor.spec().toJson())), "a record");
        assertThat(recorded).isEqualTo(extractor.spec());
        try (FeatureExtractor again = Encoders.reopen(recorded, 1)) {
          assertThat(again.spec()).isEqualTo(recorded);
          List<ExtractedPost> first = extractor.extract(posts());
          List<ExtractedPost> second = again.extract(posts());
          for (int i = 0; i < first.size(); i++) {
            for (String view : first.get(i).views().keySet()) {
              assertThat(second.get(i).views().get(view).values())
                  .as("%s of %s", view, first.get(i).id())
                  .isEqualTo(first.get(i).views().get(view).values());
            }
          }
        }
      }
    }
  }
}
