package org.equipoise.encoders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.equipoise.core.Form;
import org.equipoise.core.Post;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.core.features.ExtractedPost;
import org.equipoise.core.features.FeatureExtractor;
import org.equipoise.core.features.FeatureExtractorProvider;
import org.equipoise.core.features.FeatureSpec;
import org.equipoise.core.features.Features;
import org.equipoise.core.io.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EncodersTest {
  private static final String TEXT_ONLY =
      """
      views:
        - view: text_pattern
          encoder: builtin/text_pattern
        - view: text_semantic
          encoder: builtin/text_semantic
          settings: {max_tokens: 16}
      """;

  @TempDir Path folder;

  private static Post post(String id, String text) {
    return Post.builder(id).text(text).build();
  }

  private static FeatureExtractor text(Form form) {
    return Encoders.open(EncoderSet.parse(TEXT_ONLY, "a test"), form, 2);
  }

  private static List<Post> posts() {
    List<String> texts =
        List.of(
            "A shark is in the street",
            "Yes",
            "The bridge fell after the storm; five people are missing and the mayor asks for help "
                + "while the water still rises in every street of the old town",
            "\u6d77\u5578\u6765\u4e86 \u5feb\u8dd1 \uD83D\uDE31",
            "\u0000 nothing \uD800 broken",
            "A shark is in the street",
            "!!!",
            "http://t.co/only");
    List<Post> posts = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      posts.add(post("p" + i, texts.get(i)));
    }
    return posts;
  }

  private static void assertSame(ExtractedPost one, ExtractedPost other) {
    assertThat(other.id()).isEqualTo(one.id());
    assertThat(other.views().keySet()).isEqualTo(one.views().keySet());
    one.views()
        .forEach(
            (view, features) ->
                assertThat(other.views().get(view).values()).isEqualTo(features.values()));
    assertThat(other.truncated()).isEqualTo(one.truncated());
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void the_features_of_a_post_do_not_depend_on_its_batch(Form form) {
    Map<String, ExtractedPost> alone = new HashMap<>();
    try (FeatureExtractor extractor = text(form)) {
      for (Post post : posts()) {
        alone.put(post.id(), extractor.extract(List.of(post)).get(0));
      }
    }
    try (FeatureExtractor extractor = text(form)) {
      for (int seed = 0; seed < 3; seed++) {
        List<Post> shuffled = new ArrayList<>(posts());
        Collections.shuffle(shuffled, new Random(seed));
        for (ExtractedPost post : extractor.extract(shuffled)) {
          assertSame(alone.get(post.id()), post);
        }
      }
    }
  }

  @Test
  void a_post_with_nothing_to_read_is_skipped_with_the_reason() {
    try (FeatureExtractor extractor = text(Form.POOLED)) {
      ExtractedPost post = extractor.extract(posts()).get(7);
      assertThat(post.views()).isEmpty();
      assertThat(post.skipped())
          .hasValueSatisfying(
              skipped -> assertThat(skipped.reason()).isEqualTo("no_text_no_image"));
    }
  }

  @Test
  void long_texts_are_cut_and_counted() {
    try (FeatureExtractor extractor = text(Form.TOKENS)) {
      List<ExtractedPost> posts = extractor.extract(posts());
      assertThat(posts.get(2).truncated()).containsExactly("text_semantic");
      assertThat(posts.get(2).views().get("text_semantic").tokens()).isEqualTo(16);
      assertThat(posts.get(0).truncated()).isEmpty();
      // [CLS], six words, [SEP]
      assertThat(posts.get(0).views().get("text_semantic").tokens()).isEqualTo(8);
    }
  }

  @Test
  void pooled_meaning_is_the_mean_of_the_tokens() {
    try (FeatureExtractor tokens = text(Form.TOKENS);
        FeatureExtractor pooled = text(Form.POOLED)) {
      Features all = tokens.extract(posts()).get(0).views().get("text_semantic");
      Features one = pooled.extract(posts()).get(0).views().get("text_semantic");
      assertThat(one.values()).isEqualTo(all.pooled().values());
    }
  }

  @Test
  void meaning_brings_paraphrases_nearer_than_other_news() {
    try (FeatureExtractor extractor = text(Form.POOLED)) {
      List<ExtractedPost> posts =
          extractor.extract(
              List.of(
                  post("a", "A big fish was seen in the flooded road"),
                  post("b", "Shark spotted swimming in a submerged street"),
                  post("c", "Parliament votes on the new tax law tomorrow")));
      float[] a = posts.get(0).views().get("text_semantic").values();
      float[] b = posts.get(1).views().get("text_semantic").values();
      float[] c = posts.get(2).views().get("text_semantic").values();
      assertThat(cosine(a, b)).isGreaterThan(cosine(a, c) + 0.3);
    }
  }

  private static double cosine(float[] a, float[] b) {
    double dot = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      dot += a[i] * b[i];
      aa += a[i] * a[i];
      bb += b[i] * b[i];
    }
    return dot / Math.sqrt(aa * bb);
  }

  @Test
  void recorded_encoders_open_again_and_give_the_same_features() throws IOException {
    try (FeatureExtractor extractor = text(Form.POOLED)) {
      FeatureSpec recorded =
          FeatureSpec.fromJson(
              Json.MAPPER.readTree(Json.line(extractor.spec().toJson())), "a record");
      assertThat(recorded).isEqualTo(extractor.spec());
      try (FeatureExtractor again = FeatureExtractorProvider.openAny(recorded, 1)) {
        assertSame(extractor.extract(posts()).get(0), again.extract(posts()).get(0));
      }
    }
  }

  @Test
  void other_encoders_than_those_on_record_are_refused_by_view() {
    FeatureSpec spec;
    try (FeatureExtractor extractor = text(Form.POOLED)) {
      spec = extractor.spec();
    }
    List<EncoderInfo> changed = new ArrayList<>(spec.encoders());
    EncoderInfo semantic = changed.get(1);
    changed.set(
        1,
        new EncoderInfo(
            semantic.view(), semantic.tokens(), semantic.encoder(), "0123", semantic.settings()));
    assertThatThrownBy(
            () -> Encoders.reopen(new FeatureSpec(spec.form(), changed, spec.cleaning()), 1))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("'text_semantic'")
        .hasMessageNotContaining("'text_pattern'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "format_version: 99\nviews: [{view: a, encoder: builtin/text_pattern}]",
        "views: [{view: a, encoder: builtin/text_pattern, settings: {width: }}]",
        "views: [{view: a, encoder: builtin/text_pattern}]\nviews: []",
        "views: [{view: a, encoder: \"a\\0b\"}]"
      })
  void an_encoders_file_that_does_not_mean_what_it_says_is_refused(String yaml) {
    assertThatThrownBy(() -> EncoderSet.parse(yaml, "a test"))
        .isInstanceOf(WrongUseException.class);
  }

  @Test
  void a_misspelt_embedded_encoder_is_no_model_of_a_hub() {
    EncoderSet set = EncoderSet.parse("views: [{view: a, encoder: builtin/text_patern}]", "a test");
    assertThat(EncoderModels.of(set)).isEmpty();
  }

  @Test
  void what_is_not_there_is_answered_with_what_is() throws IOException {
    assertThatThrownBy(() -> Encoders.open("bultin", Form.POOLED, 1))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("did you mean 'builtin'");
    assertThatThrownBy(() -> Encoders.open("gone.yaml", Form.POOLED, 1))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("gone.yaml")
        .hasMessageContaining("builtin");
    Path file = folder.resolve("mine.yaml");
    Files.writeString(file, "views: [{view: a, encoder: builtin/text_patern}]");
    assertThatThrownBy(() -> Encoders.open(file.toString(), Form.POOLED, 1))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("did you mean 'builtin/text_pattern'")
        .hasMessageContaining("builtin/text_semantic");
    Files.writeString(
        file, "views: [{view: a, encoder: builtin/text_pattern, settings: {widht: 3}}]");
    assertThatThrownBy(() -> Encoders.open(file.toString(), Form.POOLED, 1))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("'widht'")
        .hasMessageContaining("'width'");
    Files.writeString(file, "view: [{view: a, encoder: builtin/text_pattern}]");
    assertThatThrownBy(() -> Encoders.open(file.toString(), Form.POOLED, 1))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("'view'")
        .hasMessageContaining("'views'");
    Files.writeString(file, "views: [");
    assertThatThrownBy(() -> Encoders.open(file.toString(), Form.POOLED, 1))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("not valid YAML");
  }

  @Test
  void the_documented_files_and_every_preset_load_and_name_the_defaults() throws IOException {
    TextCleaning defaults = TextCleaning.of(Map.of(), "defaults");
    String page = Files.readString(Path.of("..", "docs", "encoders.md"));
    List<EncoderSet> documented = new ArrayList<>();
    Matcher blocks = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL).matcher(page);
    while (blocks.find()) {
      documented.add(EncoderSet.parse(blocks.group(1), "docs/encoders.md"));
    }
    assertThat(documented).isNotEmpty();
    for (EncoderSet set : documented) {
      assertThat(set.cleaning()).isEqualTo(defaults);
      for (EncoderSet.Entry entry : set.views()) {
        if (entry.encoder().startsWith("builtin/")) {
          Encoders.open(entry, Form.TOKENS, EncoderOptions.threads(1)).close();
        } else {
          ConfigMaps.settings(Encoders.schema(entry.encoder()), entry.settings(), entry.view());
        }
      }
    }
    for (String preset : EncoderSet.presets()) {
      assertThat(EncoderSet.load(preset).cleaning()).isEqualTo(defaults);
    }
  }
}
