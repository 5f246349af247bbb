package org.equipoise.encoders.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.equipoise.core.Form;
import org.equipoise.core.io.Hashes;
import org.equipoise.core.io.Json;
import org.equipoise.core.safetensors.SafetensorsFile;
import org.equipoise.encoders.Content;
import org.equipoise.encoders.Encoder;
import org.equipoise.encoders.Encoding;
import org.equipoise.encoders.Prepared;
import org.equipoise.media.RgbImage;
import org.equipoise.testing.Folders;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Real pretrained image encoders and what PyTorch makes of the golden images by them. */
@Tag("models")
class PretrainedImageTest {
  private static final double COSINE = 0.99999;

  private static List<Path> models() throws IOException {
    try (Stream<Path> folders = Files.list(Folders.models())) {
      List<Path> found =
          folders
              .filter(folder -> Files.exists(folder.resolve("golden.json")))
              .filter(folder -> Files.exists(folder.resolve("preprocessor_config.json")))
              .sorted()
              .toList();
      assertThat(found).as("image models in %s", Folders.models()).isNotEmpty();
      return found;
    }
  }

  private static List<JsonNode> images(Path model) {
    List<JsonNode> images = new ArrayList<>();
    Json.read(model.resolve("golden.json")).path("images").forEach(images::add);
    assertThat(images).isNotEmpty();
    return images;
  }

  @Test
  void pixels_are_prepared_to_the_last_bit() throws IOException {
    for (Path model : models()) {
      Path file = model.resolve("preprocessor_config.json");
      ImagePreparation preparation = ImagePreparation.read(Json.read(file), "", file.toString());
      for (JsonNode image : images(model)) {
        String name = image.path("name").asText();
        RgbImage prepared = preparation.prepare(GoldenModels.decoded(name));
        assertThat(Hashes.sha256(prepared.pixels()))
            .as(name)
            .isEqualTo(image.path("prepared_sha256").asText());
        float[] values = new float[3 * preparation.width() * preparation.height()];
        preparation.write(prepared, values, 0);
        assertThat(Hashes.sha256(GoldenModels.littleEndian(values)))
            .as(name)
            .isEqualTo(image.path("pixel_values_sha256").asText());
      }
    }
  }

  @Test
  void features_are_those_of_the_reference() throws IOException {
    for (Path model : models()) {
      SafetensorsFile golden = SafetensorsFile.open(model.resolve("golden.safetensors"));
      List<JsonNode> images = images(model);
      for (String output : List.of("pooler_output", "logits")) {
        int width = (int) golden.info(output).dimensions()[1];
        try (Encoder encoder = GoldenModels.open(model, Form.POOLED, "output", output)) {
          for (int i = 0; i < images.size(); i++) {
            Content content =
                new Content.Image(GoldenModels.decoded(images.get(i).path("name").asText()));
            assertThat(
                    GoldenModels.cosine(
                        GoldenModels.features(encoder, content).values(),
                        Arrays.copyOfRange(golden.floats(output), i * width, (i + 1) * width)))
                .isGreaterThanOrEqualTo(COSINE);
          }
        }
      }
      try (Encoder encoder = GoldenModels.open(model, Form.TOKENS)) {
        for (String tensor : golden.names()) {
          if (tensor.startsWith("tokens.")) {
            Content content =
                new Content.Image(GoldenModels.decoded(tensor.substring("tokens.".length())));
            assertThat(
                    GoldenModels.cosine(
                        GoldenModels.features(encoder, content).values(), golden.floats(tensor)))
                .isGreaterThanOrEqualTo(COSINE);
          }
        }
      }
    }
  }

  @Test
  void a_feature_is_the_same_bits_alone_and_in_a_batch() throws IOException {
    for (Path model : models()) {
      List<Content> contents = new ArrayList<>();
      for (JsonNode image : images(model)) {
        contents.add(new Content.Image(GoldenModels.decoded(image.path("name").asText())));
      }
      for (Form form : Form.values()) {
        try (Encoder encoder = GoldenModels.open(model, form)) {
          List<Prepared> prepared = contents.stream().map(encoder::prepare).toList();
          int most = encoder.batchSize(1);
          List<Encoding> together = new ArrayList<>();
          for (int from = 0; from < prepared.size(); from += most) {
            together.addAll(
                encoder.encode(prepared.subList(from, Math.min(prepared.size(), from + most))));
          }
          for (int i = 0; i < contents.size(); i++) {
            assertThat(together.get(i).features().values())
                .isEqualTo(GoldenModels.features(encoder, contents.get(i)).values());
          }
        }
      }
    }
  }
}
