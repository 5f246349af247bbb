package org.equipoise.encoders.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.equipoise.core.WrongUseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The environment is read as Python's huggingface_hub documents it. */
class HubSettingsTest {
  @TempDir Path home;

  private HubSettings of(Map<String, String> environment) {
    return HubSettings.of(environment, home.resolve("equipoise"), home);
  }

  private static String sent(HubSettings settings) {
    return settings.token().map(Token::authorization).orElse("");
  }

  @Test
  void nothing_set_means_the_public_hub_and_python_s_usual_folder() {
    HubSettings settings = of(Map.of());

    assertThat(settings.endpoint()).isEqualTo(URI.create("https://huggingface.co"));
    assertThat(settings.token()).isEmpty();
    assertThat(settings.offline()).isFalse();
    assertThat(settings.models()).isEqualTo(home.resolve("equipoise/models"));
    assertThat(settings.pythonCache()).isEqualTo(home.resolve(".cache/huggingface/hub"));
    assertThat(settings.patience()).isEqualTo(Patience.DEFAULT);
  }

  @Test
  void python_s_folder_moves_with_each_of_its_variables() {
    assertThat(of(Map.of("XDG_CACHE_HOME", "/x")).pythonCache())
        .isEqualTo(Path.of("/x/huggingface/hub"));
    assertThat(of(Map.of("XDG_CACHE_HOME", "/x", "HF_HOME", "~/hf")).pythonCache())
        .isEqualTo(home.resolve("hf/hub"));
    assertThat(of(Map.of("HF_HOME", "/h", "HUGGINGFACE_HUB_CACHE", "/old")).pythonCache())
        .isEqualTo(Path.of("/old"));
    assertThat(of(Map.of("HF_HUB_CACHE", "${DISK}/c", "DISK", "/d", "HF_HOME", "/h")).pythonCache())
        .isEqualTo(Path.of("/d/c"));
  }

  @ParameterizedTest
  @CsvSource({"1,true", "on,true", "Yes,true", "TRUE,true", "0,false", "no,false", "'',false"})
  void offline_is_said_as_python_understands_it(String value, boolean offline) {
    assertThat(of(Map.of("HF_HUB_OFFLINE", value)).offline()).isEqualTo(offline);
    assertThat(of(Map.of("TRANSFORMERS_OFFLINE", value)).offline()).isEqualTo(offline);
  }

  @Test
  void the_token_stands_in_a_variable_else_in_the_file_of_python_s_login() throws IOException {
    Path python = Files.createDirectories(home.resolve(".cache/huggingface"));
    Files.writeString(python.resolve("token"), "  hf_file\n");
    Path other = Files.writeString(home.resolve("other"), "hf_other");

    assertThat(sent(of(Map.of()))).isEqualTo("Bearer hf_file");
    assertThat(sent(of(Map.of("HF_TOKEN_PATH", other.toString())))).isEqualTo("Bearer hf_other");
    assertThat(sent(of(Map.of("HUGGING_FACE_HUB_TOKEN", "hf_old")))).isEqualTo("Bearer hf_old");
    assertThat(sent(of(Map.of("HF_TOKEN", "hf_new\n", "HUGGING_FACE_HUB_TOKEN", "hf_old"))))
        .isEqualTo("Bearer hf_new");
    assertThat(sent(of(Map.of("HF_TOKEN", "hf_new", "HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"))))
        .isEmpty();
  }

  @Test
  void a_token_that_no_header_can_hold_is_refused_without_repeating_it() {
    assertThatThrownBy(() -> of(Map.of("HF_TOKEN", "hf_a b\u00e4")))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("HF_TOKEN")
        .hasMessageNotContaining("hf_a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"huggingface.co", "ftp://a.b", "https://", "https://u:pw@a.b", "https://a.b?t=pw"})
  void what_is_no_address_of_a_hub_is_refused_without_repeating_it(String endpoint) {
    assertThatThrownBy(() -> of(Map.of("HF_ENDPOINT", endpoint)))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("HF_ENDPOINT")
        .hasMessageNotContaining("pw");
  }

  @Test
  void a_mirror_may_have_a_path_and_a_slash_at_its_end() {
    assertThat(of(Map.of("HF_ENDPOINT", "https://mirror.example/hf/")).endpoint())
        .isEqualTo(URI.create("https://mirror.example/hf"));
  }

  @Test
  void the_timeout_is_a_number_of_seconds() {
    assertThat(of(Map.of("HF_HUB_DOWNLOAD_TIMEOUT", "7")).patience().idle())
        .isEqualTo(Duration.ofSeconds(7));
    assertThatThrownBy(() -> of(Map.of("HF_HUB_DOWNLOAD_TIMEOUT", "soon")))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("HF_HUB_DOWNLOAD_TIMEOUT");
  }
}
