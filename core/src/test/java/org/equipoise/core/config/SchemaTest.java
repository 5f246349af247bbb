package org.equipoise.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.equipoise.core.WrongUseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchemaTest {
  private static final Setting<Integer> EPOCHS =
      Setting.integer("training.epochs", 100, 1, 1000, "passes");
  private static final Setting<Double> RATE =
      Setting.number("training.learning_rate", 0.001, 0, 1, "rate");
  private static final Setting<String> BALANCER =
      Setting.choice("balancer", "mib", List.of("none", "mib"), "balancer");
  private static final Setting<Boolean> FLAG = Setting.bool("training.flag", false, "flag");
  private static final Setting<List<String>> MODALITIES =
      Setting.texts("modalities", List.of("image", "text"), "order");
  private static final Schema SCHEMA = Schema.of(EPOCHS, RATE, BALANCER, FLAG, MODALITIES);

  @TempDir Path folder;

  @Test
  void nestedAndDottedKeysMeanTheSame() {
    Settings nested = SCHEMA.yaml(SCHEMA.defaults(), "training:\n  epochs: 7\n  flag: true\n", "a");
    Settings dotted =
        SCHEMA.yaml(SCHEMA.defaults(), "training.epochs: 7\ntraining.flag: true\n", "b");
    assertThat(nested.values()).isEqualTo(dotted.values());
    assertThat(nested.get(EPOCHS)).isEqualTo(7);
    assertThat(nested.get(FLAG)).isTrue();
    assertThat(nested.get(RATE)).isEqualTo(0.001);
  }

  @Test
  void theCommandLineWins() {
    Settings file = SCHEMA.yaml(SCHEMA.defaults(), "training: {epochs: 7}", "file");
    assertThat(SCHEMA.override(file, "training.epochs=9").get(EPOCHS)).isEqualTo(9);
    assertThat(SCHEMA.override(file, "modalities=text, image").get(MODALITIES))
        .containsExactly("text", "image");
    assertThat(SCHEMA.override(file, "balancer=NONE").get(BALANCER)).isEqualTo("none");
  }

  @Test
  void whatIsWrittenIsReadBack() {
    Settings settings = SCHEMA.override(SCHEMA.defaults(), "training.learning_rate=1e-4");
    assertThat(SCHEMA.yaml(SCHEMA.defaults(), settings.toYaml(), "own").values())
        .isEqualTo(settings.values());
    assertThat(settings.toYaml()).contains("format_version: 1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "training.epoch=3 | training.epochs",
        "training.epochs=many | many",
        "training.epochs=0 | from 1 to 1000",
        "training.epochs=2.5 | whole number",
        "training.learning_rate=NaN | NaN",
        "training.flag=maybe | true or false",
        "balancer=mid | mib",
        "epochs | key=value"
      })
  void aWrongAssignmentSaysWhatWasExpected(String assignment, String word) {
    assertThatThrownBy(() -> SCHEMA.override(SCHEMA.defaults(), assignment))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining(word);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "training: {epoch: 3} | training.epochs",
        "training: {epochs: [1]} | whole number",
        "training: 5 | training",
        "just words | keys and values",
        "a: [ | not valid YAML"
      })
  void aWrongFileNamesItselfAndTheKey(String yaml, String word) {
    assertThatThrownBy(() -> SCHEMA.yaml(SCHEMA.defaults(), yaml, "my.yaml"))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("my.yaml")
        .hasMessageContaining(word);
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> SCHEMA.file(SCHEMA.defaults(), folder.resolve("absent.yaml")))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("absent.yaml");
  }
}
