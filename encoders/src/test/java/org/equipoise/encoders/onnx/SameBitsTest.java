package org.equipoise.encoders.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.equipoise.core.Form;
import org.equipoise.encoders.Content;
import org.equipoise.encoders.Encoder;
import org.equipoise.encoders.Encoding;
import org.equipoise.encoders.Prepared;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A content's features are the same bits whatever it is encoded with. */
@Tag("golden")
class SameBitsTest {
  private static List<Content> contents(String modality) throws IOException {
    List<Content> contents = new ArrayList<>();
    if (modality.equals("text")) {
      GoldenModels.texts().values().forEach(text -> contents.add(new Content.Text(text)));
      // several of each length
      for (String word : List.of("snow", "bread", "night", "video", "tower")) {
        for (int length = 1; length < 6; length++) {
          contents.add(new Content.Text((word + " ").repeat(length)));
        }
      }
    } else {
      for (String image :
          GoldenModels.strings(GoldenModels.index().path("rows_of_image_features"))) {
        contents.add(new Content.Image(GoldenModels.decoded(image)));
      }
    }
    return contents;
  }

  private static List<float[]> alone(Encoder encoder, List<Content> contents) {
    return contents.stream()
        .map(content -> GoldenModels.features(encoder, content).values())
        .toList();
  }

  /** In shuffled batches of equal length, in the order of the contents. */
  private static List<float[]> together(Encoder encoder, List<Content> contents, long seed) {
    Map<Integer, List<Integer>> ofLength = new TreeMap<>();
    List<Prepared> prepared = contents.stream().map(encoder::prepare).toList();
    for (int i = 0; i < prepared.size(); i++) {
      ofLength.computeIfAbsent(prepared.get(i).length(), length -> new ArrayList<>()).add(i);
    }
    Random random = new Random(seed);
    float[][] features = new float[contents.size()][];
    for (Map.Entry<Integer, List<Integer>> group : ofLength.entrySet()) {
      List<Integer> places = group.getValue();
      Collections.shuffle(places, random);
      int most = encoder.batchSize(group.getKey());
      for (int from = 0; from < places.size(); ) {
        int to = Math.min(places.size(), from + 1 + random.nextInt(most));
        List<Encoding> encodings =
            encoder.encode(places.subList(from, to).stream().map(prepared::get).toList());
        for (int i = from; i < to; i++) {
          features[places.get(i)] = encodings.get(i - from).features().values();
        }
        from = to;
      }
    }
    return List.of(features);
  }

  @ParameterizedTest
  @CsvSource({
    "text, tokenizer.json, POOLED",
    "text, tokenizer.json, TOKENS",
    "image, preprocessor_config.json, POOLED",
    "image, preprocessor_config.json, TOKENS"
  })
  void alone_or_in_a_batch_by_one_thread_or_two(String modality, String file, Form form)
      throws IOException {
    List<Content> contents = contents(modality);
    for (Path model : GoldenModels.with(file)) {
      List<float[]> expected;
      try (Encoder encoder = GoldenModels.openWithThreads(1, model, form, "modality", modality)) {
        expected = alone(encoder, contents);
        for (long seed = 0; seed < 3; seed++) {
          assertSame(together(encoder, contents, seed), expected, model, "in a batch");
        }
      }
      try (Encoder encoder = GoldenModels.openWithThreads(2, model, form, "modality", modality)) {
        assertSame(alone(encoder, contents), expected, model, "by two threads");
        assertSame(together(encoder, contents, 7), expected, model, "by two threads in a batch");
      }
    }
  }

  private static void assertSame(
      List<float[]> actual, List<float[]> expected, Path model, String how) {
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i)).as("%d by %s %s", i, model, how).isEqualTo(expected.get(i));
    }
  }
}
