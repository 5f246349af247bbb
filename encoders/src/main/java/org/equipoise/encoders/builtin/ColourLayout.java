package org.equipoise.encoders.builtin;

import java.util.List;
import java.util.Map;
import org.equipoise.core.Form;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.config.Schema;
import org.equipoise.core.config.Settings;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.core.features.Features;
import org.equipoise.core.io.Hashes;
import org.equipoise.encoders.Content;
import org.equipoise.encoders.Encoder;
import org.equipoise.encoders.Encoding;
import org.equipoise.encoders.Prepared;
import org.equipoise.media.Resampling;
import org.equipoise.media.RgbImage;

/**
 * What colours an image has, and where. The image is resized to 224 × 224 (bicubic, antialiased);
 * each of 7 × 7 regions of 32 × 32 pixels gives, all in numbers about 1:
 *
 * <ul>
 *   <li>8: histogram of hue, each pixel counting as much as it is coloured;
 *   <li>6: histogram of lightness; 4: of saturation;
 *   <li>9: mean, standard deviation and cube root of the third moment of the three opponent
 *       channels lightness {@code (r+g+b)/3}, red–green {@code r−g}, blue–yellow {@code b−(r+g)/2};
 *   <li>12: the means of the region's four quarters in these channels, less the region's mean;
 *   <li>3: the region's mean less the image's;
 *   <li>2: mean difference of lightness to the right-hand and the lower neighbour;
 *   <li>4, in tokens alone: the region's place {@code x, y, x², y²}, from −1 to 1.
 * </ul>
 *
 * Histograms are linear between bins and hold square roots (Hellinger). Pooled: {@link RegionGrid}.
 */
public final class ColourLayout implements Encoder {
  /** The name in encoders' files. */
  public static final String NAME = "builtin/image_semantic";

  /** It has no settings. */
  public static final Schema SCHEMA = Schema.of();

  private static final int CODE_VERSION = 1;
  private static final int SIZE = 224;
  private static final int CELL = SIZE / RegionGrid.SIDE;
  private static final int PIXELS = CELL * CELL;

  private static final int HUES = 8;
  private static final int LIGHTS = 6;
  private static final int SATURATIONS = 4;
  private static final int LIGHT_AT = HUES;
  private static final int SATURATION_AT = LIGHT_AT + LIGHTS;
  private static final int MOMENTS_AT = SATURATION_AT + SATURATIONS;
  private static final int QUARTERS_AT = MOMENTS_AT + 9;
  private static final int CONTRAST_AT = QUARTERS_AT + 12;
  private static final int EDGES_AT = CONTRAST_AT + 3;
  private static final int WIDTH = EDGES_AT + 2;
  private static final int PLACE = 4;

  private final EncoderInfo info;
  private final Form form;

  /** Opens it under a view's name. */
  public ColourLayout(
      String view, Kind kind, Form form, Settings settings, Map<String, String> record) {
    this.form = form;
    int width = form == Form.POOLED ? RegionGrid.width(WIDTH, form) : WIDTH + PLACE;
    info =
        new EncoderInfo(
            new View(view, Modality.IMAGE, kind, width),
            RegionGrid.tokens(form),
            NAME,
            Hashes.sha256(NAME + " " + CODE_VERSION + " " + form),
            record);
  }

  @Override
  public EncoderInfo info() {
    return info;
  }

  /** Resizes. */
  @Override
  public Prepared prepare(Content content) {
    RgbImage image = ((Content.Image) content).image();
    return new Content.Image(Resampling.resize(image, SIZE, SIZE, Resampling.Filter.BICUBIC));
  }

  @Override
  public List<Encoding> encode(List<? extends Prepared> batch) {
    return batch.stream()
        .map(content -> new Encoding(encode(((Content.Image) content).image()), false))
        .toList();
  }

  private Features encode(RgbImage small) {
    float[][] opponents = opponents(small);
    float[] regions = new float[RegionGrid.REGIONS * WIDTH];
    for (int r = 0; r < RegionGrid.REGIONS; r++) {
      int top = r / RegionGrid.SIDE * CELL;
      int left = r % RegionGrid.SIDE * CELL;
      histograms(small, top, left, regions, r * WIDTH);
      moments(opponents, top, left, regions, r * WIDTH);
      edges(opponents[0], top, left, regions, r * WIDTH);
    }
    contrast(regions);
    return form == Form.POOLED ? RegionGrid.pooled(regions, WIDTH) : placed(regions);
  }

  private static float[][] opponents(RgbImage image) {
    byte[] pixels = image.pixels();
    float[][] opponents = new float[3][SIZE * SIZE];
    for (int i = 0; i < SIZE * SIZE; i++) {
      float red = (pixels[3 * i] & 0xff) / 255f;
      float green = (pixels[3 * i + 1] & 0xff) / 255f;
      float blue = (pixels[3 * i + 2] & 0xff) / 255f;
      opponents[0][i] = (red + green + blue) / 3;
      opponents[1][i] = red - green;
      opponents[2][i] = blue - (red + green) / 2;
    }
    return opponents;
  }

  private static void histograms(RgbImage image, int top, int left, float[] into, int offset) {
    byte[] pixels = image.pixels();
    for (int y = top; y < top + CELL; y++) {
      for (int x = left; x < left + CELL; x++) {
        int i = 3 * (y * SIZE + x);
        int red = pixels[i] & 0xff;
        int green = pixels[i + 1] & 0xff;
        int blue = pixels[i + 2] & 0xff;
        int most = Math.max(red, Math.max(green, blue));
        int chroma = most - Math.min(red, Math.min(green, blue));
        if (chroma > 0) {
          float sixths;
          if (most == red) {
            sixths = (float) (green - blue) / chroma + (green < blue ? 6 : 0);
          } else if (most == green) {
            sixths = (float) (blue - red) / chroma + 2;
          } else {
            sixths = (float) (red - green) / chroma + 4;
          }
          circular(into, offset, sixths * HUES / 6, chroma / 255f);
        }
        linear(into, offset + LIGHT_AT, LIGHTS, (red + green + blue) / 765f);
        linear(into, offset + SATURATION_AT, SATURATIONS, most == 0 ? 0 : (float) chroma / most);
      }
    }
    for (int d = offset; d < offset + MOMENTS_AT; d++) {
      into[d] = (float) Math.sqrt(into[d] / PIXELS);
    }
  }

  private static void circular(float[] into, int offset, float at, float weight) {
    int bin = (int) at;
    float upper = at - bin;
    into[offset + bin % HUES] += weight * (1 - upper);
    into[offset + (bin + 1) % HUES] += weight * upper;
  }

  private static void linear(float[] into, int offset, int bins, float share) {
    float at = share * (bins - 1);
    int bin = Math.min((int) at, bins - 2);
    float upper = at - bin;
    into[offset + bin] += 1 - upper;
    into[offset + bin + 1] += upper;
  }

  private static void moments(float[][] opponents, int top, int left, float[] into, int offset) {
    for (int c = 0; c < 3; c++) {
      double[] quarters = new double[4];
      for (int y = 0; y < CELL; y++) {
        for (int x = 0; x < CELL; x++) {
          quarters[2 * y / CELL * 2 + 2 * x / CELL] += opponents[c][(top + y) * SIZE + left + x];
        }
      }
      double mean = (quarters[0] + quarters[1] + quarters[2] + quarters[3]) / PIXELS;
      double second = 0;
      double third = 0;
      for (int y = top; y < top + CELL; y++) {
        for (int x = left; x < left + CELL; x++) {
          double difference = opponents[c][y * SIZE + x] - mean;
          second += difference * difference;
          third += difference * difference * difference;
        }
      }
      into[offset + MOMENTS_AT + c] = (float) mean;
      into[offset + MOMENTS_AT + 3 + c] = (float) Math.sqrt(second / PIXELS);
      into[offset + MOMENTS_AT + 6 + c] = (float) StrictMath.cbrt(third / PIXELS);
      for (int q = 0; q < 4; q++) {
        into[offset + QUARTERS_AT + 4 * c + q] = (float) (quarters[q] * 4 / PIXELS - mean);
      }
    }
  }

  private static void edges(float[] lightness, int top, int left, float[] into, int offset) {
    double right = 0;
    double down = 0;
    for (int y = top; y < top + CELL - 1; y++) {
      for (int x = left; x < left + CELL - 1; x++) {
        int i = y * SIZE + x;
        right += Math.abs(lightness[i + 1] - lightness[i]);
        down += Math.abs(lightness[i + SIZE] - lightness[i]);
      }
    }
    int pairs = (CELL - 1) * (CELL - 1);
    // differences are about a tenth of the other numbers
    into[offset + EDGES_AT] = (float) (10 * right / pairs);
    into[offset + EDGES_AT + 1] = (float) (10 * down / pairs);
  }

  private static void contrast(float[] regions) {
    for (int c = 0; c < 3; c++) {
      double sum = 0;
      for (int r = 0; r < RegionGrid.REGIONS; r++) {
        sum += regions[r * WIDTH + MOMENTS_AT + c];
      }
      for (int r = 0; r < RegionGrid.REGIONS; r++) {
        regions[r * WIDTH + CONTRAST_AT + c] =
            (float) (regions[r * WIDTH + MOMENTS_AT + c] - sum / RegionGrid.REGIONS);
      }
    }
  }

  private static Features placed(float[] regions) {
    int width = WIDTH + PLACE;
    float[] values = new float[RegionGrid.REGIONS * width];
    for (int r = 0; r < RegionGrid.REGIONS; r++) {
      System.arraycopy(regions, r * WIDTH, values, r * width, WIDTH);
      float half = (RegionGrid.SIDE - 1) / 2f;
      float x = (r % RegionGrid.SIDE - half) / half;
      float y = (r / RegionGrid.SIDE - half) / half;
      values[r * width + WIDTH] = x;
      values[r * width + WIDTH + 1] = y;
      values[r * width + WIDTH + 2] = x * x;
      values[r * width + WIDTH + 3] = y * y;
    }
    return new Features(RegionGrid.REGIONS, width, values);
  }

  @Override
  public void close() {}
}
