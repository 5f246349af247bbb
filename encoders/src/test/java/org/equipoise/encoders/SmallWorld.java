package org.equipoise.encoders;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.equipoise.core.Form;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.Post;
import org.equipoise.core.SkippedPost;
import org.equipoise.core.SourceLine;
import org.equipoise.core.View;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.core.features.ExtractedPost;
import org.equipoise.core.features.FeatureSpec;
import org.equipoise.core.features.Features;

/** Made-up features: of a post's id alone, some posts without an image, some unusable. */
final class SmallWorld {
  static final View IMAGE = new View("image_pattern", Modality.IMAGE, Kind.PATTERN, 3);
  static final View TEXT = new View("text_pattern", Modality.TEXT, Kind.PATTERN, 5);

  private SmallWorld() {}

  static FeatureSpec spec(Form form) {
    int tokens = form == Form.POOLED ? 1 : 4;
    return new FeatureSpec(
        form,
        List.of(
            new EncoderInfo(IMAGE, tokens, "made-up/image", "aa", Map.of()),
            new EncoderInfo(TEXT, tokens, "made-up/text", "bb", Map.of())),
        Map.of("spaces", "true"));
  }

  static ExtractedPost post(String id, Form form) {
    int number = Integer.parseInt(id.substring(1));
    if (number % 11 == 10) {
      return new ExtractedPost(
          id,
          Map.of(),
          Optional.of(new SkippedPost(id, new SourceLine("made-up", number), "why", "because")));
    }
    Map<String, Features> views = new LinkedHashMap<>();
    Random random = new Random(number);
    if (number % 3 != 2) {
      views.put(IMAGE.name(), features(random, IMAGE, form));
    }
    views.put(TEXT.name(), features(random, TEXT, form));
    return new ExtractedPost(id, views, Optional.empty());
  }

  private static Features features(Random random, View view, Form form) {
    int tokens = form == Form.POOLED ? 1 : 1 + random.nextInt(4);
    float[] values = new float[tokens * view.width()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(2048) / 256f;
    }
    return new Features(tokens, view.width(), values);
  }

  static List<Post> posts(int count) {
    return java.util.stream.IntStream.range(0, count)
        .mapToObj(i -> Post.builder("p" + i).text("text " + i).build())
        .toList();
  }

  static StagedExtractor extractor(Form form) {
    return new StagedExtractor() {
      @Override
      public FeatureSpec spec() {
        return SmallWorld.spec(form);
      }

      @Override
      public List<ExtractedPost> extract(List<Post> posts) {
        return posts.stream().map(post -> post(post.id(), form)).toList();
      }

      @Override
      public void close() {}
    };
  }
}
