package org.equipoise.encoders.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.equipoise.core.Form;
import org.equipoise.core.Kind;
import org.equipoise.core.config.Settings;
import org.equipoise.core.features.Features;
import org.equipoise.core.io.Json;
import org.equipoise.core.safetensors.SafetensorsFile;
import org.equipoise.encoders.Content;
import org.equipoise.encoders.Encoder;
import org.equipoise.encoders.EncoderOptions;
import org.equipoise.encoders.EncoderOptions.Device;
import org.equipoise.encoders.Encoding;
import org.equipoise.encoders.Prepared;
import org.equipoise.encoders.hub.FolderFiles;
import org.equipoise.media.BrokenImageException;
import org.equipoise.media.ImageDecoder;
import org.equipoise.media.RgbImage;
import org.equipoise.testing.Folders;

/** The folder of golden encoders, and models opened for tests. */
final class GoldenModels {
  private GoldenModels() {}

  static Path folder() {
    return Folders.golden().resolve("encoders");
  }

  static Path golden(String file) {
    return folder().resolve("golden").resolve(file);
  }

  static JsonNode index() {
    return Json.read(folder().resolve("index.json"));
  }

  /** Folders of models that hold a file; none is a failure. */
  static List<Path> with(String file) throws IOException {
    try (Stream<Path> folders = Files.list(folder())) {
      List<Path> found =
          folders.filter(folder -> Files.exists(folder.resolve(file))).sorted().toList();
      assertThat(found).as("models with %s in %s", file, folder()).isNotEmpty();
      return found;
    }
  }

  /** The text of each id. */
  static Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    Json.read(folder().resolve("inputs/texts.json"))
        .forEach(text -> texts.put(text.path("id").asText(), text.path("text").asText()));
    assertThat(texts).isNotEmpty();
    return texts;
  }

  /** The decoded pixels of an input. */
  static RgbImage decoded(String image) throws IOException {
    try {
      return new ImageDecoder().decode(golden("decoded").resolve(image + ".png"));
    } catch (BrokenImageException e) {
      throw new IOException(e);
    }
  }

  /** The most tokens that the golden tokenizers were given. */
  static int maxTokens(String model) {
    return index().path("tokenizers").path(model).path("max_length").asInt();
  }

  static SafetensorsFile file(String name) {
    return SafetensorsFile.open(golden(name));
  }

  static List<String> strings(JsonNode list) {
    List<String> strings = new ArrayList<>();
    list.forEach(each -> strings.add(each.asText()));
    return strings;
  }

  static Settings settings(Object... keysAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return OnnxEncoders.SCHEMA.yaml(OnnxEncoders.SCHEMA.defaults(), Json.line(map), "a test");
  }

  static Encoder open(Path model, Form form, Object... settings) {
    return openWithThreads(1, model, form, settings);
  }

  static Encoder openWithThreads(int threads, Path model, Form form, Object... settings) {
    return OnnxEncoders.open(
        "a_view",
        Kind.SEMANTIC,
        form,
        new FolderFiles(model),
        settings(settings),
        new EncoderOptions(
            threads,
            OptionalInt.of(threads),
            OptionalInt.empty(),
            OptionalLong.empty(),
            Device.CPU));
  }

  /** One content alone. */
  static Encoding encode(Encoder encoder, Content content) {
    Prepared prepared = encoder.prepare(content);
    return encoder.encode(List.of(prepared)).get(0);
  }

  static Features features(Encoder encoder, Content content) {
    return encode(encoder, content).features();
  }

  static byte[] littleEndian(float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  static double cosine(float[] one, float[] other) {
    double product = 0;
    double squares = 0;
    double otherSquares = 0;
    for (int i = 0; i < one.length; i++) {
      product += (double) one[i] * other[i];
      squares += (double) one[i] * one[i];
      otherSquares += (double) other[i] * other[i];
    }
    return product / Math.sqrt(squares * otherSquares);
  }
}
