package org.equipoise.encoders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.equipoise.core.WrongUseException;
import org.junit.jupiter.api.Test;

class TextCleaningTest {
  private static TextCleaning with(String key, String value) {
    return TextCleaning.of(Map.of(key, value), "a test");
  }

  @Test
  void by_default_escapes_entities_and_addresses_go() {
    TextCleaning cleaning = TextCleaning.of(Map.of(), "a test");
    assertThat(cleaning.clean("  Sharks\\nin &quot;Jersey&quot;  &amp; NY http://t.co/aB1 @you "))
        .isEqualTo("Sharks in \"Jersey\" & NY @you");
    assertThat(cleaning.clean("https://example.org/only")).isEmpty();
  }

  @Test
  void each_step_can_be_set() {
    assertThat(with("newlines", "false").clean("a\\nb")).isEqualTo("a\\nb");
    assertThat(with("entities", "false").clean("a&lt;b")).isEqualTo("a&lt;b");
    assertThat(with("urls", "keep").clean("see www.x.org")).isEqualTo("see www.x.org");
    assertThat(with("urls", "replace").clean("see www.x.org now")).isEqualTo("see http now");
    assertThat(with("mentions", "replace").clean("hi @Bob_1!")).isEqualTo("hi @user!");
    assertThat(with("mentions", "remove").clean("hi @Bob_1!")).isEqualTo("hi !");
    assertThat(with("spaces", "false").clean("a\u3000\t b")).isEqualTo("a\u3000\t b");
  }

  @Test
  void what_is_recorded_gives_the_same_cleaning_again() {
    TextCleaning cleaning = with("urls", "replace");
    assertThat(TextCleaning.of(cleaning.settings(), "a record")).isEqualTo(cleaning);
  }

  @Test
  void an_unknown_step_is_named() {
    assertThatThrownBy(() -> with("url", "keep"))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("'url'")
        .hasMessageContaining("did you mean 'urls'");
  }
}
