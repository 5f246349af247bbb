package org.equipoise.core.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class Float16Test {
  @Test
  void everyHalfPrecisionNumberComesBackAsItself() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = Float16.toFloat((short) bits);
      if (!Float.isNaN(value)) {
        assertThat(Float16.toFloat16(value)).isEqualTo((short) bits);
      }
    }
  }

  @Test
  void knownNumbersHaveTheirBits() {
    assertThat(Float16.toFloat16(1f)).isEqualTo((short) 0x3c00);
    assertThat(Float16.toFloat16(-2f)).isEqualTo((short) 0xc000);
    assertThat(Float16.toFloat16(65504f)).isEqualTo((short) 0x7bff);
    assertThat(Float16.toFloat16(65520f)).isEqualTo((short) 0x7c00);
    assertThat(Float16.toFloat16(0x1p-24f)).isEqualTo((short) 1);
    assertThat(Float16.toFloat16(0x1p-25f)).isEqualTo((short) 0);
    assertThat(Float16.toFloat16(-0f)).isEqualTo((short) 0x8000);
    assertThat(Float.isNaN(Float16.toFloat(Float16.toFloat16(Float.NaN)))).isTrue();
  }

  @Test
  void tiesGoToTheEvenNeighbour() {
    float step = 0x1p-10f;
    assertThat(Float16.toFloat(Float16.toFloat16(1 + step / 2))).isEqualTo(1f);
    assertThat(Float16.toFloat(Float16.toFloat16(1 + 3 * step / 2))).isEqualTo(1 + 2 * step);
  }

  @Test
  void noOtherHalfPrecisionNumberIsNearer() {
    Random random = new Random(5);
    for (int i = 0; i < 10_000; i++) {
      float value = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(9) - 5));
      short bits = Float16.toFloat16(value);
      float error = Math.abs(Float16.toFloat(bits) - value);
      for (int neighbour : new int[] {bits - 1, bits + 1}) {
        float other = Float16.toFloat((short) neighbour);
        if (Float.isFinite(other)) {
          assertThat(error).isLessThanOrEqualTo(Math.abs(other - value));
        }
      }
    }
  }
}
