package org.equipoise.encoders.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.equipoise.core.Form;
import org.equipoise.core.features.Features;
import org.equipoise.core.io.Hashes;
import org.equipoise.core.io.Json;
import org.equipoise.core.safetensors.SafetensorsFile;
import org.equipoise.encoders.Content;
import org.equipoise.encoders.Encoder;
import org.equipoise.encoders.Encoding;
import org.equipoise.media.BrokenImageException;
import org.equipoise.media.ImageDecoder;
import org.equipoise.media.RgbImage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What transformers, Pillow and PyTorch make of the golden encoders, from the same files. */
@Tag("golden")
class GoldenEncodersTest {
  private static final double FEATURES = 1e-4;
  private static final double PIXEL_VALUES = 1e-6;
  private static final double COSINE = 0.9999;

  /** The part of the golden file that holds a model's images, such as {@code clip}. */
  private static String kind(String model, JsonNode prepared) {
    List<String> kinds = new ArrayList<>();
    prepared.fieldNames().forEachRemaining(kinds::add);
    return kinds.stream().filter(model::contains).findFirst().orElseThrow();
  }

  private static List<JsonNode> readableImages() {
    List<JsonNode> images = new ArrayList<>();
    GoldenModels.index()
        .path("images")
        .forEach(
            image -> {
              if (image.path("readable").asBoolean()) {
                images.add(image);
              }
            });
    assertThat(images).isNotEmpty();
    return images;
  }

  private static ImagePreparation preparation(Path model) {
    Path file = model.resolve("preprocessor_config.json");
    return ImagePreparation.read(Json.read(file), "", file.toString());
  }

  private static float[] pixelValues(ImagePreparation preparation, RgbImage prepared) {
    float[] values = new float[3 * preparation.width() * preparation.height()];
    preparation.write(prepared, values, 0);
    return values;
  }

  @Test
  void tokens_are_those_of_the_reference() throws IOException {
    SafetensorsFile golden = GoldenModels.file("tokens.safetensors");
    JsonNode tokenizers = GoldenModels.index().path("tokenizers");
    Map<String, String> texts = GoldenModels.texts();
    for (Path model : GoldenModels.with("tokenizer.json")) {
      String name = model.getFileName().toString();
      List<String> rows = GoldenModels.strings(tokenizers.path(name).path("batches").path("all"));
      long[] ids = golden.longs(name + ".all.input_ids");
      long[] mask = golden.longs(name + ".all.attention_mask");
      int width = ids.length / rows.size();
      List<String> truncated = new ArrayList<>();
      try (Encoder encoder =
          GoldenModels.open(
              model, Form.POOLED, "modality", "text", "max_tokens", GoldenModels.maxTokens(name))) {
        for (int row = 0; row < rows.size(); row++) {
          TextPreparation.Tokens tokens =
              (TextPreparation.Tokens) encoder.prepare(new Content.Text(texts.get(rows.get(row))));
          int from = row * width;
          int used = (int) Arrays.stream(mask, from, from + width).sum();
          assertThat(tokens.ids())
              .as("%s of %s", rows.get(row), name)
              .isEqualTo(Arrays.copyOfRange(ids, from, from + used));
          if (golden.has(name + ".all.token_type_ids")) {
            assertThat(tokens.types())
                .isEqualTo(
                    Arrays.copyOfRange(
                        golden.longs(name + ".all.token_type_ids"), from, from + used));
          }
          if (tokens.truncated()) {
            truncated.add(rows.get(row));
          }
        }
      }
      List<String> expected = new ArrayList<>();
      GoldenModels.index()
          .path("texts")
          .forEach(
              text -> {
                if (GoldenModels.strings(text.path("truncated")).contains(name)) {
                  expected.add(text.path("id").asText());
                }
              });
      assertThat(truncated).as("cut by %s", name).containsExactlyElementsOf(expected);
    }
  }

  @Test
  void prepared_pixels_and_pixel_values_are_equal_to_the_last_bit() throws IOException {
    SafetensorsFile golden = GoldenModels.file("pixel_values.safetensors");
    for (Path model : GoldenModels.with("preprocessor_config.json")) {
      ImagePreparation preparation = preparation(model);
      for (JsonNode image : readableImages()) {
        String name = image.path("name").asText();
        String kind = kind(model.getFileName().toString(), image.path("prepared"));
        JsonNode expected = image.path("prepared").path(kind);
        RgbImage prepared = preparation.prepare(GoldenModels.decoded(name));
        assertThat(Hashes.sha256(prepared.pixels()))
            .as("%s for %s", name, model)
            .isEqualTo(expected.path("sha256").asText());
        float[] values = pixelValues(preparation, prepared);
        assertThat(Hashes.sha256(GoldenModels.littleEndian(values)))
            .as("%s for %s", name, model)
            .isEqualTo(expected.path("pixel_values").path("sha256").asText());
        String part = kind + "." + name;
        if (golden.has(part)) {
          assertPart(golden, part, values, preparation);
        }
      }
    }
  }

  /** The middle of each channel, rows and columns from the 81st on. */
  private static void assertPart(
      SafetensorsFile golden, String part, float[] values, ImagePreparation preparation) {
    float[] expected = golden.floats(part);
    long[] shape = golden.info(part).dimensions();
    int next = 0;
    for (int channel = 0; channel < shape[0]; channel++) {
      for (int y = 0; y < shape[1]; y++) {
        for (int x = 0; x < shape[2]; x++) {
          int place = (channel * preparation.height() + 80 + y) * preparation.width() + 80 + x;
          assertThat(values[place])
              .as(part)
              .isCloseTo(expected[next++], within((float) PIXEL_VALUES));
        }
      }
    }
  }

  @Test
  void other_spellings_of_a_preparation_mean_the_same() throws IOException {
    JsonNode variants = Json.read(GoldenModels.golden("preprocessor_variants.json"));
    assertThat(variants).isNotEmpty();
    for (JsonNode variant : variants) {
      ImagePreparation preparation = ImagePreparation.read(variant.path("config"), "", "a variant");
      for (JsonNode image : readableImages()) {
        JsonNode expected =
            image.path("prepared").path(variant.path("same_as").asText()).path("pixel_values");
        RgbImage prepared = preparation.prepare(GoldenModels.decoded(image.path("name").asText()));
        assertThat(Hashes.sha256(GoldenModels.littleEndian(pixelValues(preparation, prepared))))
            .as("%s by %s", image.path("name").asText(), variant)
            .isEqualTo(expected.path("sha256").asText());
      }
    }
  }

  /** A golden tensor: of which model, and what of it. */
  private record Wanted(Path model, String what) {
    static List<Wanted> all(SafetensorsFile golden, String file) throws IOException {
      List<Wanted> wanted = new ArrayList<>();
      for (Path model : GoldenModels.with(file)) {
        String prefix = model.getFileName() + ".";
        golden.names().stream()
            .filter(name -> name.startsWith(prefix))
            .forEach(name -> wanted.add(new Wanted(model, name.substring(prefix.length()))));
      }
      return wanted;
    }

    String tensor() {
      return model.getFileName() + "." + what;
    }

    /** The settings that mean it. */
    Object[] settings(String modality) {
      Map<String, Object> settings = new LinkedHashMap<>(Map.of("modality", modality));
      if (modality.equals("text")) {
        settings.put("max_tokens", GoldenModels.maxTokens(model.getFileName().toString()));
      }
      switch (what) {
        case "cls" -> settings.putAll(Map.of("output", "last_hidden_state", "pooling", "first"));
        case "mean" -> settings.putAll(Map.of("output", "last_hidden_state", "pooling", "mean"));
        default -> {
          if (!what.contains("tokens.")) {
            settings.put("output", what);
          }
        }
      }
      return settings.entrySet().stream()
          .flatMap(entry -> java.util.stream.Stream.of(entry.getKey(), entry.getValue()))
          .toArray();
    }
  }

  private static float[] row(SafetensorsFile golden, String tensor, int row) {
    float[] all = golden.floats(tensor);
    int width = (int) golden.info(tensor).dimensions()[1];
    return Arrays.copyOfRange(all, row * width, (row + 1) * width);
  }

  private static void assertClose(float[] actual, float[] expected, String what) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i]).as(what).isCloseTo(expected[i], within((float) FEATURES));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"features.safetensors", "features_onnxruntime.safetensors"})
  void features_of_texts_are_those_of_the_reference(String file) throws IOException {
    SafetensorsFile golden = GoldenModels.file(file);
    List<String> rows = GoldenModels.strings(GoldenModels.index().path("rows_of_text_features"));
    Map<String, String> texts = GoldenModels.texts();
    int compared = 0;
    for (Wanted wanted : Wanted.all(golden, "tokenizer.json")) {
      if (wanted.what.startsWith("image_")) {
        continue;
      }
      boolean tokens = wanted.what.contains("tokens.");
      String tensor = wanted.tensor();
      try (Encoder encoder =
          GoldenModels.open(
              wanted.model, tokens ? Form.TOKENS : Form.POOLED, wanted.settings("text"))) {
        if (tokens) {
          String id = wanted.what.substring(wanted.what.indexOf("tokens.") + "tokens.".length());
          Features features = GoldenModels.features(encoder, new Content.Text(texts.get(id)));
          assertThat(features.tokens()).isEqualTo((int) golden.info(tensor).dimensions()[0]);
          assertClose(features.values(), golden.floats(tensor), tensor);
        } else {
          for (int i = 0; i < rows.size(); i++) {
            Features features =
                GoldenModels.features(encoder, new Content.Text(texts.get(rows.get(i))));
            assertThat(features.width()).isEqualTo(encoder.info().view().width());
            assertClose(features.values(), row(golden, tensor, i), tensor + " of " + rows.get(i));
          }
        }
      }
      compared++;
    }
    assertThat(compared).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"features.safetensors", "features_onnxruntime.safetensors"})
  void features_of_decoded_images_are_those_of_the_reference(String file) throws IOException {
    SafetensorsFile golden = GoldenModels.file(file);
    List<String> rows = GoldenModels.strings(GoldenModels.index().path("rows_of_image_features"));
    int compared = 0;
    for (Wanted wanted : Wanted.all(golden, "preprocessor_config.json")) {
      if (wanted.what.startsWith("text_")) {
        continue;
      }
      boolean tokens = wanted.what.contains("tokens.");
      String tensor = wanted.tensor();
      try (Encoder encoder =
          GoldenModels.open(
              wanted.model, tokens ? Form.TOKENS : Form.POOLED, wanted.settings("image"))) {
        if (tokens) {
          String name = wanted.what.substring(wanted.what.indexOf("tokens.") + "tokens.".length());
          Features features =
              GoldenModels.features(encoder, new Content.Image(GoldenModels.decoded(name)));
          assertThat(features.tokens()).isEqualTo(encoder.info().tokens());
          assertClose(features.values(), golden.floats(tensor), tensor);
        } else {
          for (int i = 0; i < rows.size(); i++) {
            Features features =
                GoldenModels.features(
                    encoder, new Content.Image(GoldenModels.decoded(rows.get(i))));
            assertClose(features.values(), row(golden, tensor, i), tensor + " of " + rows.get(i));
          }
        }
      }
      compared++;
    }
    assertThat(compared).isPositive();
  }

  @Test
  void features_from_files_point_where_the_reference_does()
      throws IOException, BrokenImageException {
    SafetensorsFile golden = GoldenModels.file("features.safetensors");
    List<String> rows = GoldenModels.strings(GoldenModels.index().path("rows_of_image_features"));
    Path inputs = GoldenModels.folder().resolve("inputs/images");
    for (Wanted wanted : Wanted.all(golden, "preprocessor_config.json")) {
      if (wanted.what.contains("tokens.") || wanted.what.startsWith("text_")) {
        continue;
      }
      // the defaults lead to the same outputs
      try (Encoder encoder = GoldenModels.open(wanted.model, Form.POOLED, "modality", "image")) {
        assertThat(encoder.info().settings()).containsEntry("output", wanted.what);
        for (int i = 0; i < rows.size(); i++) {
          RgbImage image = new ImageDecoder().decode(inputs.resolve(rows.get(i)));
          Features features = GoldenModels.features(encoder, new Content.Image(image));
          assertThat(GoldenModels.cosine(features.values(), row(golden, wanted.tensor(), i)))
              .as("%s of %s", wanted.tensor(), rows.get(i))
              .isGreaterThanOrEqualTo(COSINE);
        }
      }
    }
  }

  @Test
  void broken_images_have_no_features() {
    Path inputs = GoldenModels.folder().resolve("inputs/images");
    int broken = 0;
    for (JsonNode image : GoldenModels.index().path("images")) {
      if (!image.path("readable").asBoolean()) {
        String name = image.path("name").asText();
        assertThatThrownBy(() -> new ImageDecoder().decode(inputs.resolve(name)))
            .as(name)
            .isInstanceOf(BrokenImageException.class);
        broken++;
      }
    }
    assertThat(broken).isPositive();
  }

  @Test
  void a_long_text_is_cut_to_the_positions_that_the_model_has() throws IOException {
    String text = "word ".repeat(2000);
    for (Path model : GoldenModels.with("tokenizer.json")) {
      try (Encoder encoder =
          GoldenModels.open(model, Form.TOKENS, "modality", "text", "max_tokens", 4096)) {
        Encoding encoding = GoldenModels.encode(encoder, new Content.Text(text));
        JsonNode config = Json.read(model.resolve("config.json"));
        int positions =
            (config.has("text_config") ? config.path("text_config") : config)
                .path("max_position_embeddings")
                .asInt();
        assertThat(encoding.truncated()).isTrue();
        assertThat(encoding.features().tokens()).as(model.toString()).isEqualTo(positions);
        assertThat(encoder.info().tokens()).isEqualTo(positions);
        assertThat(encoder.info().settings())
            .containsEntry("max_tokens", Integer.toString(positions));
      }
    }
  }
}
