package org.equipoise.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.equipoise.media.Resampling.Filter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PdqTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void aSmallerAndCompressedCopyIsANearDuplicateAndAnotherPictureIsNot(long seed) throws Exception {
    RgbImage image = Resampling.resize(ImageFiles.noise(16, 12, seed), 400, 300, Filter.BICUBIC);
    PdqHash hash = Pdq.hash(image);
    RgbImage smaller = Resampling.resize(image, 250, 188, Filter.BICUBIC);
    RgbImage copy = new ImageDecoder().decode(ImageEncoder.jpeg(smaller, 0.6));
    assertThat(hash.nearDuplicateOf(Pdq.hash(copy))).isTrue();
    RgbImage other =
        Resampling.resize(ImageFiles.noise(16, 12, seed + 100), 400, 300, Filter.BICUBIC);
    assertThat(hash.distance(Pdq.hash(other))).isGreaterThan(90);
  }

  @Test
  void halfOfTheBitsAreSet() {
    // The bits say "above the median", and no two frequencies of noise are equal.
    PdqHash hash = Pdq.hash(ImageFiles.noise(128, 128, 1));
    assertThat(hash.distance(new PdqHash(0, 0, 0, 0, 0))).isEqualTo(128);
  }

  @Test
  void aPictureWithoutStructureIsNotCompared() {
    PdqHash flat = Pdq.hash(ImageFiles.flat(100, 100, 90));
    assertThat(flat.quality()).isZero();
    assertThat(flat.comparable()).isFalse();
    assertThat(flat.nearDuplicateOf(flat)).isFalse();
    assertThat(Pdq.hash(ImageFiles.noise(4, 900, 1))).isEqualTo(new PdqHash(0, 0, 0, 0, 0));
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 63, 64, 65, 127, 128, 129, 300, 1000})
  void everyEdgeIsHashed(int edge) {
    RgbImage image = Resampling.resize(ImageFiles.noise(9, 9, 1), edge, 200, Filter.BICUBIC);
    PdqHash hash = Pdq.hash(image);
    PdqHash large = Pdq.hash(Resampling.resize(image, 512, 512, Filter.BICUBIC));
    if (edge > 60) {
      assertThat(hash.distance(large)).isLessThanOrEqualTo(PdqHash.NEAR_DUPLICATE);
    }
    assertThat(hash.quality()).isPositive();
  }

  @Test
  void hashesAreWrittenAndReadWithTheHighestBitFirst() {
    PdqHash hash = new PdqHash(1, 0, 0, 1L << 63, 77);
    assertThat(hash.toString()).startsWith("8000").endsWith("0001").hasSize(64);
    assertThat(PdqHash.parse(hash.toString(), 77)).isEqualTo(hash);
    assertThatThrownBy(() -> PdqHash.parse("12", 0)).hasMessageContaining("64");
  }
}
