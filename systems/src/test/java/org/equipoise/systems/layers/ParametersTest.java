package org.equipoise.systems.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import org.equipoise.systems.engine.Engines;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ParametersTest {
  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  @Test
  void initialValuesAreUniformWithinOneOverTheRootOfTheFan() {
    try (Parameters parameters = new Parameters(1, Device.cpu())) {
      float[] values = parameters.uniform("a.weight", 25, 400, 25).toFloatArray();
      double mean = 0;
      double square = 0;
      for (float value : values) {
        assertThat(Math.abs(value)).isLessThanOrEqualTo(0.2f);
        mean += value / values.length;
        square += (double) value * value / values.length;
      }
      // a uniform number in ±0.2 has variance 0.04 / 3; ten thousand of them come within 3 %
      assertThat(mean).isBetween(-0.005, 0.005);
      assertThat(square).isBetween(0.97 * 0.04 / 3, 1.03 * 0.04 / 3);
    }
  }

  @Test
  void aParametersValuesDependOnSeedAndNameAlone() {
    try (Parameters one = new Parameters(7, Device.cpu());
        Parameters two = new Parameters(7, Device.cpu());
        Parameters otherSeed = new Parameters(8, Device.cpu())) {
      float[] first = one.uniform("a", 4, 8).toFloatArray();
      float[] second = one.uniform("b", 4, 8).toFloatArray();
      assertThat(two.uniform("b", 4, 8).toFloatArray()).isEqualTo(second);
      assertThat(two.uniform("a", 4, 8).toFloatArray()).isEqualTo(first);
      assertThat(first).isNotEqualTo(second);
      assertThat(otherSeed.uniform("a", 4, 8).toFloatArray()).isNotEqualTo(first);
    }
  }

  @Test
  void parametersKeepTheirOrderAndWantGradientsButBuffersAreNone() {
    try (Parameters parameters = new Parameters(0, Device.cpu())) {
      parameters.uniform("z", 1, 2);
      parameters.buffer(3, 2);
      parameters.constant("a", 1, 2);
      assertThat(parameters.byName().keySet()).containsExactly("z", "a");
      assertThat(parameters.byName().values()).allMatch(array -> array.hasGradient());
      assertThat(parameters.byName().get("a").toFloatArray()).containsExactly(1, 1);
    }
  }

  @Test
  void aNameIsTakenOnce() {
    try (Parameters parameters = new Parameters(0, Device.cpu())) {
      parameters.uniform("a", 1, 2);
      assertThatThrownBy(() -> parameters.uniform("a", 1, 2)).hasMessageContaining("named a");
    }
  }
}
