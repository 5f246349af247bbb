package org.equipoise.media;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.equipoise.core.io.Json;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

@Tag("golden")
class PdqGoldenTest {
  /** What the reference allows a port. */
  private static final int TOLERANCE = 10;

  private static final int TOLD_APART_AT = 80;

  private final JsonNode golden = Json.read(GoldenImages.folder().resolve("golden/pdq.json"));

  @TestFactory
  Stream<DynamicTest> hashesAreTheReferencesWhereQualityIsHigh() {
    assertThat(golden.get("images")).isNotEmpty();
    return golden.get("images").properties().stream()
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.getKey(),
                    () -> {
                      int quality = entry.getValue().get("quality").asInt();
                      PdqHash expected =
                          PdqHash.parse(entry.getValue().get("hash").asText(), quality);
                      PdqHash hash = hash(entry.getKey());
                      assertThat(hash.quality()).isBetween(quality - 2, Math.min(100, quality + 2));
                      if (quality >= TOLD_APART_AT) {
                        assertThat(hash.distance(expected)).isLessThanOrEqualTo(TOLERANCE);
                      }
                    }));
  }

  @Test
  void smallDistancesAreTheReferences() throws BrokenImageException {
    Map<String, PdqHash> hashes = new HashMap<>();
    for (var entry : golden.get("images").properties()) {
      hashes.put(entry.getKey(), hash(entry.getKey()));
    }
    Map<String, Integer> expected = new HashMap<>();
    golden
        .get("distances")
        .properties()
        .forEach(e -> expected.put(e.getKey(), e.getValue().asInt()));
    int pairs = 0;
    for (String one : hashes.keySet()) {
      for (String other : hashes.keySet()) {
        Integer distance = expected.get(one + " " + other);
        if (distance != null) {
          pairs++;
          assertThat(hashes.get(one).distance(hashes.get(other)))
              .as("%s and %s", one, other)
              .isBetween(distance - 2 * TOLERANCE, distance + 2 * TOLERANCE);
        }
      }
    }
    assertThat(pairs).isEqualTo(expected.size());
  }

  private static PdqHash hash(String image) throws BrokenImageException {
    return Pdq.hash(
        new ImageDecoder()
            .decode(GoldenImages.folder().resolve("golden/decoded").resolve(image + ".png")));
  }
}
