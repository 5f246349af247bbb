package org.equipoise.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.equipoise.media.Resampling.Filter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResamplingTest {
  @ParameterizedTest
  @EnumSource(Filter.class)
  void onePixelSizeStaysAndOneColourStays(Filter filter) {
    RgbImage image = ImageFiles.noise(13, 9, 1);
    assertThat(Resampling.resize(image, 13, 9, filter)).isEqualTo(image);
    RgbImage flat = ImageFiles.flat(31, 7, 201);
    assertThat(Resampling.resize(flat, 5, 40, filter)).isEqualTo(ImageFiles.flat(5, 40, 201));
  }

  @Test
  void halvingWithABoxIsTheMeanOfEachPairRoundedUpAtTheHalf() {
    RgbImage image = new RgbImage(4, 1, ImageFiles.bytes(0, 0, 0, 10, 10, 10, 7, 8, 9, 8, 9, 10));
    assertThat(Resampling.resize(image, 2, 1, Filter.BOX).pixels())
        .isEqualTo(ImageFiles.bytes(5, 5, 5, 8, 9, 10));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void aPartOfAResizedImageIsTheSameWithoutTheRest(long seed) {
    Random random = new Random(seed);
    RgbImage image = ImageFiles.noise(1 + random.nextInt(90), 1 + random.nextInt(90), seed);
    Filter filter = Filter.values()[random.nextInt(Filter.values().length)];
    int width = 1 + random.nextInt(120);
    int height = random.nextInt(3) == 0 ? image.height() : 1 + random.nextInt(120);
    int left = random.nextInt(width);
    int top = random.nextInt(height);
    int partWidth = 1 + random.nextInt(width - left);
    int partHeight = 1 + random.nextInt(height - top);
    RgbImage whole = Resampling.resize(image, width, height, filter);
    assertThat(
            Resampling.resizeAndCrop(
                image, width, height, left, top, partWidth, partHeight, filter))
        .isEqualTo(Resampling.crop(whole, left, top, partWidth, partHeight));
  }

  @Test
  void ofAPanoramaOnlyTheColumnsThatAreSeenAreMade() {
    RgbImage panorama = ImageFiles.noise(20_000, 3, 1);
    RgbImage middle =
        Resampling.resizeAndCrop(panorama, 1_493_333, 224, 746_554, 0, 224, 224, Filter.BICUBIC);
    assertThat(middle.width()).isEqualTo(224);
    RgbImage thread = ImageFiles.noise(3_000_000, 1, 1);
    assertThat(Resampling.resize(thread, 224, 224, Filter.BICUBIC).height()).isEqualTo(224);
  }

  @Test
  void fittingKeepsTheShapeAndNeverEnlarges() {
    RgbImage wide = ImageFiles.photo(400, 100, 1);
    RgbImage fitted = Resampling.fit(wide, 120, 120, Filter.BICUBIC);
    assertThat(fitted.width()).isEqualTo(120);
    assertThat(fitted.height()).isEqualTo(30);
    assertThat(Resampling.fit(wide, 400, 100, Filter.BICUBIC)).isSameAs(wide);
    RgbImage thread = Resampling.fit(ImageFiles.flat(1, 5_000, 3), 100, 100, Filter.BILINEAR);
    assertThat(thread.width()).isEqualTo(1);
    assertThat(thread.height()).isEqualTo(100);
  }

  @Test
  void sizesAndPartsThatCannotBeAreRefused() {
    RgbImage image = ImageFiles.flat(4, 4, 0);
    assertThatThrownBy(() -> Resampling.resize(image, 0, 3, Filter.BICUBIC))
        .hasMessageContaining("0 x 3");
    assertThatThrownBy(() -> Resampling.crop(image, 2, 0, 3, 4))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Resampling.crop(image, -1, 0, 3, 4))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
