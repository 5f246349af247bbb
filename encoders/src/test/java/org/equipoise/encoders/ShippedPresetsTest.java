package org.equipoise.encoders;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.equipoise.core.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The presets as shipped; nothing is fetched here. */
class ShippedPresetsTest {
  private static final List<String> THE_PAPERS_VIEWS =
      List.of("image_pattern", "image_semantic", "text_pattern", "text_semantic");

  @ParameterizedTest
  @MethodSource("presets")
  void a_preset_has_the_papers_four_views_in_the_order_of_the_builtin_ones(String preset) {
    List<EncoderSet.Entry> views = EncoderSet.load(preset).views();

    assertThat(views).extracting(EncoderSet.Entry::view).isEqualTo(THE_PAPERS_VIEWS);
    for (EncoderSet.Entry entry : views) {
      Kind kind = entry.view().endsWith("_pattern") ? Kind.PATTERN : Kind.SEMANTIC;
      assertThat(entry.kind().orElse(kind)).as(entry.view()).isEqualTo(kind);
    }
  }

  @ParameterizedTest
  @MethodSource("presets")
  void a_model_of_a_hub_is_pinned_to_a_commit_and_its_settings_are_known(String preset) {
    for (EncoderSet.Entry entry : EncoderSet.load(preset).views()) {
      if (!entry.encoder().startsWith("builtin/")) {
        assertThat(entry.encoder()).matches("[\\w.-]+/[\\w.-]+");
        assertThat(revision(entry)).as(entry.encoder()).get().asString().matches("[0-9a-f]{40}");
        assertThat(entry.kind()).as(entry.view()).isPresent();
        ConfigMaps.settings(Encoders.schema(entry.encoder()), entry.settings(), entry.view());
      }
    }
  }

  @Test
  void a_model_in_two_presets_is_the_same_commit_so_that_it_is_fetched_once() {
    Map<String, Object> revisions = new HashMap<>();
    for (String preset : EncoderSet.presets()) {
      for (EncoderSet.Entry entry : EncoderSet.load(preset).views()) {
        revision(entry)
            .ifPresent(
                commit ->
                    assertThat(revisions.merge(entry.encoder(), commit, (first, again) -> first))
                        .as("%s in %s", entry.encoder(), preset)
                        .isEqualTo(commit));
      }
    }
    assertThat(revisions).isNotEmpty();
  }

  static List<String> presets() {
    return EncoderSet.presets();
  }

  private static Optional<Object> revision(EncoderSet.Entry entry) {
    return Optional.ofNullable(entry.settings().get("revision"));
  }
}
