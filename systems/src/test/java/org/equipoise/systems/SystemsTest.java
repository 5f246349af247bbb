package org.equipoise.systems;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.equipoise.core.WrongUseException;
import org.junit.jupiter.api.Test;

class SystemsTest {
  @Test
  void namesAreFoundWithoutRegardToCase() {
    assertThat(Systems.find("bmlhf-TRA").name()).isEqualTo("BMLHF-tra");
  }

  @Test
  void anUnknownNameIsAnsweredWithTheNearestAndAll() {
    assertThatThrownBy(() -> Systems.find("BMLF"))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("did you mean 'BMLHF'")
        .hasMessageContaining("BMLHF-ter");
  }

  @Test
  void namesAreUniqueAndEverySystemIsDescribed() {
    assertThat(Systems.all().stream().map(SystemFactory::name)).doesNotHaveDuplicates();
    assertThat(Systems.all()).allMatch(system -> system.description().endsWith("."));
  }

  @Test
  void theAblationWithoutBalancerRefusesBalancers() {
    assertThat(Systems.find("BMLHF-I").balanced()).isFalse();
    assertThat(Systems.find("BMLHF").balanced()).isTrue();
  }
}
