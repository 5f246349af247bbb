package org.equipoise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class NamesTest {
  @Test
  void caseDoesNotMatter() {
    assertThat(Modality.of("Text")).isEqualTo(Modality.TEXT);
  }

  @Test
  void anUnknownNameIsAnsweredWithTheNearestAndAll() {
    assertThatThrownBy(() -> Modality.of("imgae"))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("unknown modality 'imgae'")
        .hasMessageContaining("did you mean 'image'?")
        .hasMessageContaining("text, image, video, audio");
  }
}
