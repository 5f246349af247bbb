package org.equipoise.encoders.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Locale;
import org.equipoise.core.Form;
import org.equipoise.encoders.Content;
import org.equipoise.encoders.Encoder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The setting {@code lowercase}, on every golden tokenizer. */
@Tag("golden")
class LowercaseTest {
  @Test
  void a_text_is_encoded_as_its_lower_case_and_the_prefix_as_it_is() throws Exception {
    for (Path model : GoldenModels.with("tokenizer.json")) {
      try (Encoder plain = open(model, false);
          Encoder lower = open(model, true)) {
        for (String text : GoldenModels.texts().values()) {
          assertThat(ids(lower, text))
              .as("%s by %s", text, model)
              .isEqualTo(ids(plain, text.toLowerCase(Locale.ROOT)));
        }
        assertThat(lower.info().settings()).containsEntry("lowercase", "true");
        assertThat(lower.info().sha256()).isNotEqualTo(plain.info().sha256());
      }
    }
  }

  private static Encoder open(Path model, boolean lowercase) {
    return GoldenModels.open(
        model, Form.POOLED, "modality", "text", "prefix", "Of: ", "lowercase", lowercase);
  }

  private static long[] ids(Encoder encoder, String text) {
    return ((TextPreparation.Tokens) encoder.prepare(new Content.Text(text))).ids();
  }
}
