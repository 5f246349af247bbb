package org.equipoise.media;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.equipoise.core.io.Hashes;
import org.equipoise.core.io.Json;
import org.equipoise.core.safetensors.SafetensorsFile;
import org.equipoise.media.Resampling.Filter;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

@Tag("golden")
class ResamplingGoldenTest {
  private final ImageDecoder decoder = new ImageDecoder();

  @TestFactory
  Stream<DynamicTest> everyFilterEqualsPillowsOnSmallCases() {
    SafetensorsFile cases =
        SafetensorsFile.open(GoldenImages.folder().resolve("golden/resize.safetensors"));
    RgbImage input = image(cases, "input");
    List<DynamicTest> tests = new ArrayList<>();
    for (Filter filter : Filter.values()) {
      String prefix = filter.name().toLowerCase(Locale.ROOT) + ".";
      List<String> names = cases.names().stream().filter(n -> n.startsWith(prefix)).toList();
      assertThat(names).as("cases of %s", filter).isNotEmpty();
      for (String name : names) {
        tests.add(
            DynamicTest.dynamicTest(
                name,
                () -> {
                  RgbImage expected = image(cases, name);
                  RgbImage resized =
                      Resampling.resize(input, expected.width(), expected.height(), filter);
                  assertThat(resized).isEqualTo(expected);
                }));
      }
    }
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> preparesEveryPictureAsTheReference() throws IOException {
    Path golden = GoldenImages.folder().resolve("golden");
    JsonNode images = Json.read(GoldenImages.folder().resolve("index.json")).get("images");
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode image : images) {
      for (var prepared : image.path("prepared").properties()) {
        JsonNode how = prepared.getValue();
        tests.add(
            DynamicTest.dynamicTest(
                prepared.getKey() + " " + image.get("name").asText(),
                () -> {
                  Path decoded =
                      golden.resolve("decoded").resolve(image.get("name").asText() + ".png");
                  int width = how.get("resized_width").asInt();
                  int height = how.get("resized_height").asInt();
                  int edge = Math.min(width, height);
                  RgbImage result =
                      Resampling.resizeAndCrop(
                          decoder.decode(decoded),
                          width,
                          height,
                          how.get("crop_left").asInt(),
                          how.get("crop_top").asInt(),
                          edge,
                          edge,
                          Filter.BICUBIC);
                  assertThat(Hashes.sha256(result.pixels())).isEqualTo(how.get("sha256").asText());
                }));
      }
    }
    assertThat(tests).isNotEmpty();
    return tests.stream();
  }

  private static RgbImage image(SafetensorsFile file, String name) {
    List<Long> shape = file.info(name).shape();
    return new RgbImage(
        shape.get(1).intValue(), shape.get(0).intValue(), GoldenImages.bytes(file.bytes(name)));
  }
}
