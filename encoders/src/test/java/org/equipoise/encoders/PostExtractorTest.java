package org.equipoise.encoders;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.equipoise.core.Form;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.Post;
import org.equipoise.core.View;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.core.features.ExtractedPost;
import org.equipoise.core.features.FeatureExtractor;
import org.equipoise.core.features.Features;
import org.equipoise.media.ImageEncoder;
import org.equipoise.media.RgbImage;
import org.equipoise.testing.Folders;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostExtractorTest {
  private static final TextCleaning CLEANING = TextCleaning.of(Map.of(), "a test");

  @TempDir Path folder;
  private Path one;
  private Path copyOfOne;
  private Path two;
  private Path broken;

  @BeforeEach
  void drawImages() throws IOException {
    one = Files.write(folder.resolve("one.png"), ImageEncoder.png(noise(1)));
    copyOfOne = Files.copy(one, folder.resolve("copy.jpg"));
    two = Files.write(folder.resolve("two.jpg"), ImageEncoder.jpeg(noise(2), 0.9));
    byte[] whole = Files.readAllBytes(two);
    broken =
        Files.write(folder.resolve("broken.jpg"), java.util.Arrays.copyOf(whole, whole.length / 2));
  }

  private static RgbImage noise(long seed) {
    byte[] pixels = new byte[64 * 80 * 3];
    new Random(seed).nextBytes(pixels);
    return new RgbImage(64, 80, pixels);
  }

  /** Counts what it is given; its feature is the image's first pixel or the text's length. */
  private static final class Counting implements Encoder {
    private final EncoderInfo info;
    private final int batchSize;
    private final AtomicInteger encoded = new AtomicInteger();
    private final AtomicInteger largest = new AtomicInteger();
    private boolean closed;

    Counting(Modality modality, int batchSize) {
      this.batchSize = batchSize;
      View view = new View(modality.id(), modality, Kind.PATTERN, 1);
      info = new EncoderInfo(view, 1, "counting", "aa", Map.of());
    }

    @Override
    public EncoderInfo info() {
      return info;
    }

    @Override
    public int batchSize(int length) {
      return batchSize;
    }

    @Override
    public List<Encoding> encode(List<? extends Prepared> batch) {
      encoded.addAndGet(batch.size());
      largest.accumulateAndGet(batch.size(), Math::max);
      return batch.stream().map(content -> new Encoding(feature(content), false)).toList();
    }

    private static Features feature(Prepared content) {
      float value =
          content instanceof Content.Text text
              ? text.text().length()
              : ((Content.Image) content).image().value(0, 0, 0);
      return new Features(1, 1, new float[] {value});
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private static Post post(String id, String text, Path... images) {
    return Post.builder(id).text(text).images(List.of(images)).build();
  }

  @Test
  void every_distinct_text_and_image_is_encoded_once() {
    Counting texts = new Counting(Modality.TEXT, 3);
    Counting images = new Counting(Modality.IMAGE, 2);
    try (PostExtractor extractor =
        new PostExtractor(
            Form.POOLED, List.of(images, texts), CLEANING, EncoderOptions.threads(2))) {
      List<Post> posts = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        posts.add(post("a" + i, "text " + "x".repeat(i % 5), i % 2 == 0 ? one : copyOfOne));
        posts.add(post("b" + i, "http://t.co/" + i + " text", two));
      }
      for (int call = 0; call < 3; call++) {
        List<ExtractedPost> extracted = extractor.extract(posts);
        for (int i = 0; i < posts.size(); i++) {
          boolean first = i % 2 == 0;
          int length = CLEANING.clean(posts.get(i).text()).length();
          assertThat(extracted.get(i).views().get("text").values()).containsExactly(length);
          assertThat(extracted.get(i).views().get("image").values())
              .containsExactly(
                  first
                      ? noise(1).value(0, 0, 0)
                      : extracted.get(1).views().get("image").values()[0]);
        }
      }
      assertThat(texts.encoded).hasValue(5);
      assertThat(texts.largest).hasValue(3);
      assertThat(images.encoded).hasValue(2);
    }
    assertThat(texts.closed).isTrue();
    assertThat(images.closed).isTrue();
  }

  @Test
  void a_post_whose_features_are_no_numbers_is_skipped_with_its_view_and_the_others_are_not() {
    Encoder texts =
        new Encoder() {
          @Override
          public EncoderInfo info() {
            View view = new View("text", Modality.TEXT, Kind.PATTERN, 1);
            return new EncoderInfo(view, 1, "not a number", "aa", Map.of());
          }

          @Override
          public List<Encoding> encode(List<? extends Prepared> batch) {
            return batch.stream()
                .map(each -> ((Content.Text) each).text().equals("odd") ? Float.NaN : 1f)
                .map(value -> new Encoding(new Features(1, 1, new float[] {value}), false))
                .toList();
          }

          @Override
          public void close() {}
        };
    try (PostExtractor extractor =
        new PostExtractor(Form.POOLED, List.of(texts), CLEANING, EncoderOptions.threads(1))) {
      List<ExtractedPost> extracted =
          extractor.extract(List.of(post("a", "odd"), post("b", "even")));
      assertThat(extracted.get(0).skipped())
          .hasValueSatisfying(
              skipped -> {
                assertThat(skipped.reason()).isEqualTo("features_not_finite");
                assertThat(skipped.message()).contains("'text'");
              });
      assertThat(extracted.get(1).skipped()).isEmpty();
    }
  }

  @Test
  void the_first_image_that_decodes_counts_and_a_post_is_used_by_what_it_has() {
    Path missing = folder.resolve("missing.jpg");
    try (PostExtractor extractor =
        new PostExtractor(
            Form.POOLED,
            List.of(new Counting(Modality.IMAGE, 1), new Counting(Modality.TEXT, 1)),
            CLEANING,
            EncoderOptions.threads(2))) {
      List<ExtractedPost> posts =
          extractor.extract(
              List.of(
                  post("second", "", broken, missing, one),
                  post("text only", "words", broken),
                  post("image only", " ", one),
                  post("broken", "", broken, missing),
                  post("missing", "", missing),
                  post("folder", "", folder),
                  post("nothing", "")));
      assertThat(posts.get(0).views().get("image").values())
          .containsExactly(noise(1).value(0, 0, 0));
      assertThat(posts.get(1).views()).containsOnlyKeys("text");
      assertThat(posts.get(1).skipped()).isEmpty();
      assertThat(posts.get(2).views()).containsOnlyKeys("image");
      assertThat(posts.subList(3, 7))
          .extracting(post -> post.skipped().orElseThrow().reason())
          .containsExactly(
              "image_truncated", "image_missing", "image_unreadable", "no_text_no_image");
      assertThat(posts.get(3).skipped().orElseThrow().message()).contains(broken.toString());
    }
  }

  @Test
  void the_builtin_views_come_in_the_papers_order_and_do_not_depend_on_the_batch() {
    List<Post> posts =
        List.of(
            post("a", "A shark is in the street", one),
            post("b", "The bridge fell", two),
            post("c", "", one),
            post("d", "The bridge fell", broken));
    for (Form form : Form.values()) {
      try (FeatureExtractor together = Encoders.open("builtin", form, 2);
          FeatureExtractor alone = Encoders.open("builtin", form, 1)) {
        assertThat(together.spec().views())
            .extracting(View::name)
            .containsExactly("image_pattern", "image_semantic", "text_pattern", "text_semantic");
        List<ExtractedPost> all = together.extract(posts);
        for (int i = 0; i < posts.size(); i++) {
          ExtractedPost single = alone.extract(posts.subList(i, i + 1)).get(0);
          ExtractedPost same = all.get(i);
          assertThat(single.views().keySet()).isEqualTo(same.views().keySet());
          single
              .views()
              .forEach(
                  (view, features) ->
                      assertThat(same.views().get(view).values()).isEqualTo(features.values()));
        }
      }
    }
  }

  @Test
  @Tag("golden")
  void every_golden_image_is_encoded_or_skipped_with_a_reason() throws IOException {
    Path golden = Folders.golden().resolve("encoders");
    List<Post> posts = new ArrayList<>();
    try (var files = Files.list(golden.resolve("inputs").resolve("images"))) {
      files.sorted().forEach(file -> posts.add(post(file.getFileName().toString(), "", file)));
    }
    assertThat(posts).isNotEmpty();
    try (FeatureExtractor extractor = Encoders.open("builtin", Form.TOKENS, 2)) {
      for (ExtractedPost post : extractor.extract(posts)) {
        boolean readable =
            Files.exists(golden.resolve("golden/decoded").resolve(post.id() + ".png"));
        if (readable) {
          assertThat(post.views())
              .as(post.id())
              .containsOnlyKeys("image_pattern", "image_semantic");
        } else {
          assertThat(post.skipped().orElseThrow().reason()).as(post.id()).startsWith("image_");
        }
      }
    }
  }
}
