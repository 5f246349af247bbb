package org.equipoise.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.equipoise.core.io.Hashes;
import org.equipoise.core.io.Json;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

@Tag("golden")
class ImageDecoderGoldenTest {
  private final ImageDecoder decoder = new ImageDecoder();

  @TestFactory
  Stream<DynamicTest> decodesEveryPictureToTheReferencesPixels() throws IOException {
    List<Path> expected = GoldenImages.files(GoldenImages.folder().resolve("golden/decoded"));
    return expected.stream()
        .map(
            png ->
                DynamicTest.dynamicTest(
                    GoldenImages.source(png),
                    () -> {
                      RgbImage decoded =
                          decoder.decode(GoldenImages.input(GoldenImages.source(png)));
                      assertThat(GoldenImages.largestDifference(decoded, decoder.decode(png)))
                          .isZero();
                    }));
  }

  @TestFactory
  Stream<DynamicTest> agreesWithTheChecksumsOfTheIndexAndRefusesWhatItCallsBroken() {
    JsonNode images = Json.read(GoldenImages.folder().resolve("index.json")).get("images");
    assertThat(images).isNotEmpty();
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode image : images) {
      String name = image.get("name").asText();
      Path file = GoldenImages.input(name);
      tests.add(
          DynamicTest.dynamicTest(
              name,
              () -> {
                if (image.get("readable").asBoolean()) {
                  RgbImage decoded = decoder.decode(file);
                  assertThat(decoded.width()).isEqualTo(image.get("width").asInt());
                  assertThat(decoded.height()).isEqualTo(image.get("height").asInt());
                  assertThat(Hashes.sha256(decoded.pixels()))
                      .isEqualTo(image.get("decoded_sha256").asText());
                } else {
                  assertThatThrownBy(() -> decoder.decode(file))
                      .isInstanceOf(BrokenImageException.class)
                      .hasMessageContaining(name);
                }
              }));
    }
    return tests.stream();
  }
}
