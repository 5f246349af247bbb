package org.equipoise.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ImageEncoderTest {
  @Test
  void lowerQualityIsSmallerAndFurtherOff() throws Exception {
    RgbImage image = ImageFiles.photo(120, 80, 1);
    byte[] good = ImageEncoder.jpeg(image, 0.95);
    byte[] poor = ImageEncoder.jpeg(image, 0.3);
    assertThat(poor.length).isLessThan(good.length);
    assertThat(meanDifference(image, good)).isLessThan(meanDifference(image, poor)).isLessThan(4);
  }

  @Test
  void theSamePictureGivesTheSameBytes() {
    RgbImage image = ImageFiles.photo(50, 40, 2);
    assertThat(ImageEncoder.png(image)).isEqualTo(ImageEncoder.png(image));
    assertThat(ImageEncoder.jpeg(image, 0.8)).isEqualTo(ImageEncoder.jpeg(image, 0.8));
  }

  @Test
  void aQualityBeyondItsRangeIsRefused() {
    RgbImage image = ImageFiles.flat(2, 2, 0);
    for (double quality : new double[] {0, 1.1, Double.NaN}) {
      assertThatThrownBy(() -> ImageEncoder.jpeg(image, quality)).hasMessageContaining("quality");
    }
  }

  private static double meanDifference(RgbImage image, byte[] jpeg) throws BrokenImageException {
    RgbImage decoded = new ImageDecoder().decode(jpeg);
    double sum = 0;
    for (int i = 0; i < image.pixels().length; i++) {
      sum += Math.abs((image.pixels()[i] & 0xff) - (decoded.pixels()[i] & 0xff));
    }
    return sum / image.pixels().length;
  }
}
