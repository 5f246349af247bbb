package org.equipoise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FreeCoresTest {
  @ParameterizedTest
  @CsvSource({
    "2, 0.0, 0.0, 2", // nobody else
    "2, 0.5, 0.0, 1", // one core is taken
    "2, 0.5, 0.5, 2", // by this process itself
    "2, 1.0, 0.0, 1", // none is free: one is still needed
    "8, 0.25, 0.0, 6",
    "4, -1, 0.0, 4", // the system does not tell
  })
  void cores_that_others_use_are_left_to_them(int cores, double load, double own, int free) {
    assertThat(FreeCores.count(cores, load, own)).isEqualTo(free);
  }
}
