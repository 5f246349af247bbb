package org.equipoise.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.equipoise.core.config.Schema;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.SystemFactory;
import org.equipoise.systems.Systems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigurationTest {
  private static final Schema SCHEMA = Configuration.schema();

  static Iterable<SystemFactory> systems() {
    return Systems.all();
  }

  private static Settings preset() {
    return SCHEMA.yaml(
        SCHEMA.defaults(),
        "{training: {epochs: 3, patience: 2, modality_dropout: 0.5}, features: {form: pooled},"
            + " mib.alpha1: 0.3}",
        "a preset");
  }

  @ParameterizedTest
  @MethodSource("systems")
  void aSystemsAuthorsStandInPlaceOfAPreset(SystemFactory system) {
    Settings settings = Configuration.defaults(preset(), system);
    if (system.training().isEmpty()) {
      assertThat(settings.values()).isEqualTo(preset().values());
      return;
    }
    Map<String, Object> expected = SCHEMA.defaults().values();
    settings
        .values()
        .forEach(
            (key, value) -> {
              if (system.training().containsKey(key)) {
                assertThat(value)
                    .hasToString(
                        SCHEMA
                            .override(SCHEMA.defaults(), key + "=" + system.training().get(key))
                            .values()
                            .get(key)
                            .toString());
              } else if (key.startsWith("training.") || key.equals("features.form")) {
                assertThat(value).as(key).isEqualTo(expected.get(key));
              }
            });
    assertThat(settings.values()).containsEntry("mib.alpha1", 0.3);
  }

  @Test
  void aKeyBesideAGroupOfItsNameIsWrittenAndRead() {
    Settings settings = SCHEMA.override(SCHEMA.defaults(), "balancer.period=7");
    Settings read = SCHEMA.yaml(SCHEMA.defaults(), settings.toYaml(), "config.yaml");
    assertThat(read.values()).isEqualTo(settings.values());
  }
}
