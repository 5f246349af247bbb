package org.equipoise.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Schema;
import org.equipoise.core.config.Settings;
import org.equipoise.training.Configuration;
import org.equipoise.training.TrainingSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PresetsTest {
  private static final Schema SCHEMA = Configuration.schema();

  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource("shipped")
  void every_shipped_config_loads(String name) {
    assertThat(Presets.load(name, SCHEMA).values()).hasSameSizeAs(SCHEMA.settings());
  }

  @Test
  void every_shipped_file_can_be_named() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/main/resources/org/equipoise/cli/configs"))) {
      List<String> names =
          files.map(file -> file.getFileName().toString().replace(".yaml", "")).sorted().toList();
      assertThat(Presets.list()).containsExactlyInAnyOrderElementsOf(names);
    }
  }

  @Test
  void the_paper_s_preset_holds_the_paper_s_numbers() {
    Settings paper = Presets.load("paper", SCHEMA);

    assertThat(paper.values())
        .containsEntry("training.epochs", 100)
        .containsEntry("training.learning_rate", 0.001)
        .containsEntry("training.weight_decay", 0.001)
        .containsEntry("training.modality_dropout", 0.0)
        .containsEntry("bmlhf.width", 384)
        .containsEntry("bmlhf.temperature", 0.5)
        .containsEntry("bmlhf.alpha2", 0.5)
        .containsEntry("mib.alpha1", 0.8);
  }

  @Test
  void a_preset_is_found_without_regard_to_case() {
    assertThat(Presets.resolve("Paper", SCHEMA, UnaryOperator.identity()).values())
        .isEqualTo(Presets.load("paper", SCHEMA).values());
  }

  @Test
  void a_file_s_values_win_over_the_default_preset_s() throws IOException {
    Path file = Files.writeString(folder.resolve("mine.yaml"), "training:\n  epochs: 3\n");

    Settings settings = Presets.resolve(file.toString(), SCHEMA, UnaryOperator.identity());

    assertThat(settings)
        .isNotNull()
        .extracting(values -> values.get(TrainingSettings.EPOCHS))
        .isEqualTo(3);
    assertThat(settings.get(TrainingSettings.PATIENCE))
        .isEqualTo(Presets.load("default", SCHEMA).get(TrainingSettings.PATIENCE));
  }

  @Test
  void what_is_neither_a_preset_nor_a_file_is_wrong_use() {
    assertThatThrownBy(() -> Presets.resolve("papper", SCHEMA, UnaryOperator.identity()))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("papper")
        .hasMessageContaining("'paper'");
  }

  static List<String> shipped() {
    return Presets.list();
  }
}
