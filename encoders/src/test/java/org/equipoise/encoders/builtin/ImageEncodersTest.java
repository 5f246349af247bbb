package org.equipoise.encoders.builtin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.equipoise.core.Form;
import org.equipoise.core.Kind;
import org.equipoise.core.features.Features;
import org.equipoise.encoders.Content;
import org.equipoise.encoders.Encoder;
import org.equipoise.encoders.Encoding;
import org.equipoise.media.BrokenImageException;
import org.equipoise.media.ImageDecoder;
import org.equipoise.media.ImageEncoder;
import org.equipoise.media.RgbImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageEncodersTest {
  private static final int PATTERN = 62;
  private static final int SEMANTIC = 44;
  private static final int ERROR_LEVELS = 14;
  private static final int GRADIENTS = 32;

  private static Features pattern(Form form, RgbImage image) {
    return encode(
        new ForensicTraces("v", Kind.PATTERN, form, ForensicTraces.SCHEMA.defaults(), Map.of()),
        image);
  }

  private static Features semantic(Form form, RgbImage image) {
    return encode(
        new ColourLayout("v", Kind.SEMANTIC, form, ColourLayout.SCHEMA.defaults(), Map.of()),
        image);
  }

  private static Features encode(Encoder encoder, RgbImage image) {
    Encoding encoding = encoder.encode(List.of(encoder.prepare(new Content.Image(image)))).get(0);
    assertThat(encoding.features().width()).isEqualTo(encoder.info().view().width());
    assertThat(encoding.features().tokens()).isEqualTo(encoder.info().tokens());
    for (float value : encoding.features().values()) {
      assertThat(value).isFinite().isBetween(-20f, 20f);
    }
    return encoding.features();
  }

  private interface Colour {
    int at(int x, int y, int channel);
  }

  private static RgbImage draw(int width, int height, Colour colour) {
    byte[] pixels = new byte[width * height * 3];
    for (int i = 0; i < width * height; i++) {
      for (int c = 0; c < 3; c++) {
        pixels[3 * i + c] = (byte) colour.at(i % width, i / width, c);
      }
    }
    return new RgbImage(width, height, pixels);
  }

  private static RgbImage noise(int width, int height, long seed) {
    Random random = new Random(seed);
    return draw(width, height, (x, y, c) -> random.nextInt(256));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "3, 2000", "10, 10", "56, 57", "300, 200", "1000, 700"})
  void every_size_gives_49_regions_or_one_pyramid_of_finite_numbers(int width, int height) {
    RgbImage image = noise(width, height, 1);
    RgbImage flat = draw(width, height, (x, y, c) -> 0);
    for (RgbImage each : List.of(image, flat)) {
      assertThat(pattern(Form.TOKENS, each).tokens()).isEqualTo(49);
      assertThat(pattern(Form.POOLED, each).width()).isEqualTo(6 * PATTERN);
      assertThat(semantic(Form.TOKENS, each).width()).isEqualTo(SEMANTIC + 4);
      assertThat(semantic(Form.POOLED, each).width()).isEqualTo(6 * SEMANTIC);
    }
  }

  @Test
  void the_pyramid_holds_mean_deviation_and_the_four_corners() {
    float[] regions = new float[49];
    for (int r = 0; r < 49; r++) {
      regions[r] = r / 7 < 4 ? 1 : 0;
    }
    Features pooled = RegionGrid.pooled(regions, 1);
    double mean = 28 / 49.0;
    assertThat(pooled.values())
        .usingComparatorWithPrecision(1e-6f)
        .containsExactly((float) mean, (float) Math.sqrt(mean * (1 - mean)), 1f, 1f, 0.25f, 0.25f);
  }

  @Test
  void saving_at_low_quality_shows_as_a_low_error_level() throws BrokenImageException {
    RgbImage original =
        draw(224, 224, (x, y, c) -> 128 + (int) (60 * Math.sin(x * 0.7 + y * 0.3 * c) + x % 40));
    RgbImage saved = new ImageDecoder().decode(ImageEncoder.jpeg(original, 0.5));
    int errorAtFifty = ERROR_LEVELS + 2;
    assertThat(pattern(Form.POOLED, saved).values()[errorAtFifty])
        .isLessThan(0.8f * pattern(Form.POOLED, original).values()[errorAtFifty]);
  }

  @Test
  void a_pasted_noisy_patch_shows_in_its_own_region_alone() {
    RgbImage smooth = draw(224, 224, (x, y, c) -> (x + y) / 2);
    Random random = new Random(3);
    RgbImage pasted =
        draw(
            224,
            224,
            (x, y, c) ->
                x / 32 == 2 && y / 32 == 4 && x % 32 > 2 && x % 32 < 29 && y % 32 > 2 && y % 32 < 29
                    ? random.nextInt(256)
                    : (x + y) / 2);
    float[] before = pattern(Form.TOKENS, smooth).values();
    float[] after = pattern(Form.TOKENS, pasted).values();
    for (int r = 0; r < 49; r++) {
      double difference = 0;
      for (int d = 0; d < PATTERN; d++) {
        difference += Math.abs(after[r * PATTERN + d] - before[r * PATTERN + d]);
      }
      if (r == 4 * 7 + 2) {
        assertThat(difference).isGreaterThan(5);
      } else {
        assertThat(difference).as("region " + r).isLessThan(0.2);
      }
    }
  }

  @Test
  void vertical_stripes_have_horizontal_gradients() {
    RgbImage stripes = draw(224, 224, (x, y, c) -> x / 8 % 2 * 200);
    float[] values = pattern(Form.POOLED, stripes).values();
    assertThat(values[GRADIENTS]).isCloseTo(1, within(1e-3f));
    assertThat(values[GRADIENTS + 4]).isCloseTo(0, within(1e-3f));
  }

  @Test
  void the_transform_is_the_orthonormal_cosine_transform() {
    Plane ramp = Plane.luma(draw(8, 8, (x, y, c) -> x));
    float[] coefficients = new float[64];
    BlockDct.transform(ramp, 0, 0, new float[64], coefficients);
    // scipy.fft.dctn(numpy.tile(numpy.arange(8.), (8, 1)), norm='ortho')[0, :4]
    assertThat(coefficients[0]).isCloseTo(28f, within(1e-3f));
    assertThat(coefficients[1]).isCloseTo(-18.221642f, within(1e-3f));
    assertThat(coefficients[2]).isCloseTo(0f, within(1e-3f));
    assertThat(coefficients[3]).isCloseTo(-1.904816f, within(1e-3f));
    assertThat(coefficients[8]).isCloseTo(0f, within(1e-3f));
  }

  @Test
  void colour_and_place_show_in_the_semantic_view() {
    RgbImage redOverBlue = draw(224, 224, (x, y, c) -> (y < 112 ? c == 0 : c == 2) ? 255 : 0);
    float[] values = semantic(Form.TOKENS, redOverBlue).values();
    int width = SEMANTIC + 4;
    int lower = 48 * width;
    // pure red: all of hue bin 0, whose share is 1; pure blue: two thirds of 8 bins, between 5 and
    // 6
    assertThat(values[0]).isCloseTo(1, within(1e-3f));
    assertThat(values[lower]).isCloseTo(0, within(1e-3f));
    assertThat(values[lower + 5]).isCloseTo((float) Math.sqrt(2 / 3.0), within(1e-3f));
    assertThat(values[lower + 6]).isCloseTo((float) Math.sqrt(1 / 3.0), within(1e-3f));
    // the place of the last region
    assertThat(values[lower + SEMANTIC]).isEqualTo(1);
    assertThat(values[lower + SEMANTIC + 1]).isEqualTo(1);
    // blue minus yellow of the lower half, red minus green of the upper
    assertThat(values[18 + 1]).isCloseTo(1, within(1e-3f));
    assertThat(values[lower + 18 + 2]).isCloseTo(1, within(1e-3f));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, 0",
    "1, 0.1, 0",
    "1, 0.3, 1",
    "1, 1, 2",
    "0, 1, 4",
    "-1, -1, 2",
    "1, -1, 7",
    "-1, 0.3, 8",
    "-1, 0.1, 0",
    "0.3, -1, 5",
    "0, 0, 0"
  })
  void gradients_fall_to_the_nearest_of_nine_orientations(float dx, float dy, int expected) {
    assertThat(OrientedGradients.nearest(dx, dy)).isEqualTo(expected);
  }
}
