package org.equipoise.encoders.builtin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.equipoise.core.Form;
import org.equipoise.core.Kind;
import org.equipoise.core.features.Features;
import org.equipoise.encoders.Content;
import org.equipoise.encoders.Encoding;
import org.junit.jupiter.api.Test;

class HashedNgramsTest {
  private static Encoding encode(Form form, String text) {
    HashedNgrams encoder =
        new HashedNgrams("text", Kind.PATTERN, form, HashedNgrams.SCHEMA.defaults(), Map.of());
    return encoder.encode(List.of(new Content.Text(text))).get(0);
  }

  private static double dot(Features a, Features b) {
    double dot = 0;
    for (int i = 0; i < a.values().length; i++) {
      dot += a.values()[i] * b.values()[i];
    }
    return dot;
  }

  @Test
  void words_are_cut_in_any_language() {
    assertThat(HashedNgrams.words("It's 3\u00a0pm, ok?"))
        .containsExactly("it", "'", "s", "3", "pm", ",", "ok", "?");
    assertThat(HashedNgrams.words("\u5730\u9707\u4e86abc"))
        .containsExactly("\u5730", "\u9707", "\u4e86", "abc");
    assertThat(HashedNgrams.words("nai\u0308ve \uD83D\uDE31"))
        .containsExactly("na\u00efve", "\uD83D\uDE31");
  }

  @Test
  void a_vector_has_unit_length_and_knows_case_no_more() {
    Features one = encode(Form.POOLED, "Breaking: shark in the STREET").features();
    Features two = encode(Form.POOLED, "breaking: Shark in the street").features();
    assertThat(dot(one, one)).isCloseTo(1, within(1e-6));
    assertThat(two.values()).isEqualTo(one.values());
  }

  @Test
  void shared_words_bring_texts_near_and_other_words_are_nearly_orthogonal() {
    Features one = encode(Form.POOLED, "shark in the street after the storm").features();
    Features near = encode(Form.POOLED, "a shark in the street after a storm").features();
    Features far = encode(Form.POOLED, "parliament votes new tax laws today").features();
    assertThat(dot(one, near)).isGreaterThan(0.6);
    assertThat(Math.abs(dot(one, far))).isLessThan(0.2);
  }

  @Test
  void tokens_are_windows_of_eight_words_and_the_rest_is_counted_as_cut() {
    Encoding twenty = encode(Form.TOKENS, "w ".repeat(20));
    assertThat(twenty.features().tokens()).isEqualTo(3);
    assertThat(twenty.truncated()).isFalse();
    Encoding many = encode(Form.TOKENS, "w ".repeat(16 * 8 + 1));
    assertThat(many.features().tokens()).isEqualTo(16);
    assertThat(many.truncated()).isTrue();
    assertThat(encode(Form.POOLED, "w ".repeat(1000)).truncated()).isFalse();
  }
}
