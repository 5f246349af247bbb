package org.equipoise.media;

import java.util.Arrays;

/**
 * PDQ, the open perceptual hash of content moderation (Meta, "The TMK+PDQF Video-Hashing Algorithm
 * and the PDQ Image-Hashing Algorithm", 2019).
 *
 * <p>Luminance, blurred by two rounds of box filters whose window is a 128th of the edge, sampled
 * at 64 × 64; of its two-dimensional DCT the 16 × 16 lowest frequencies without the constant ones;
 * a bit says whether a frequency is above their median. The quality counts significant gradients
 * between neighbours of the 64 × 64 samples.
 */
public final class Pdq {
  private static final int SAMPLES = 64;
  private static final int FREQUENCIES = 16;
  private static final int ROUNDS = 2;

  /** Below this edge there is nothing to hash. */
  private static final int LEAST_EDGE = 5;

  private static final float[] DCT = dct();

  private Pdq() {}

  /**
   * The hash of an image; all zero with quality 0 if an edge is shorter than 5 pixels.
   *
   * <p>Costs 8 bytes a pixel while it runs.
   */
  public static PdqHash hash(RgbImage image) {
    if (image.width() < LEAST_EDGE || image.height() < LEAST_EDGE) {
      return new PdqHash(0, 0, 0, 0, 0);
    }
    float[] samples = samples(image);
    long[] bits = bits(frequencies(samples));
    return new PdqHash(bits[0], bits[1], bits[2], bits[3], quality(samples));
  }

  private static float[] samples(RgbImage image) {
    int width = image.width();
    int height = image.height();
    float[] luma = luma(image);
    float[] other = new float[luma.length];
    int alongRows = window(width);
    int alongColumns = window(height);
    for (int round = 0; round < ROUNDS; round++) {
      for (int y = 0; y < height; y++) {
        boxRow(luma, other, y * width, width, alongRows);
      }
      boxColumns(other, luma, width, height, alongColumns);
    }
    float[] samples = new float[SAMPLES * SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      int y = (int) ((i + 0.5) * height / SAMPLES);
      for (int j = 0; j < SAMPLES; j++) {
        int x = (int) ((j + 0.5) * width / SAMPLES);
        samples[i * SAMPLES + j] = luma[y * width + x];
      }
    }
    return samples;
  }

  private static float[] luma(RgbImage image) {
    byte[] pixels = image.pixels();
    float[] luma = new float[image.width() * image.height()];
    for (int i = 0, p = 0; i < luma.length; i++, p += 3) {
      luma[i] =
          0.299f * (pixels[p] & 0xff)
              + 0.587f * (pixels[p + 1] & 0xff)
              + 0.114f * (pixels[p + 2] & 0xff);
    }
    return luma;
  }

  /** Half a sample's extent, rounded up: two rounds then gather the whole of it. */
  private static int window(int edge) {
    return (edge + 2 * SAMPLES - 1) / (2 * SAMPLES);
  }

  /**
   * The mean of a window around each element of a row; near the edges of what lies within. An even
   * window reaches further forward than back.
   */
  private static void boxRow(float[] in, float[] out, int start, int length, int window) {
    int ahead = window / 2;
    int behind = window - 1 - ahead;
    float sum = 0;
    int count = 0;
    for (int i = 0; i < Math.min(ahead, length); i++) {
      sum += in[start + i];
      count++;
    }
    for (int i = 0; i < length; i++) {
      if (i + ahead < length) {
        sum += in[start + i + ahead];
        count++;
      }
      if (i - behind > 0) {
        sum -= in[start + i - behind - 1];
        count--;
      }
      out[start + i] = sum / count;
    }
  }

  /** The same down the columns, all of them side by side so that memory is read in order. */
  private static void boxColumns(float[] in, float[] out, int width, int height, int window) {
    int ahead = window / 2;
    int behind = window - 1 - ahead;
    float[] sums = new float[width];
    int count = 0;
    for (int y = 0; y < Math.min(ahead, height); y++) {
      addRow(sums, in, y * width);
      count++;
    }
    for (int y = 0; y < height; y++) {
      if (y + ahead < height) {
        addRow(sums, in, (y + ahead) * width);
        count++;
      }
      if (y - behind > 0) {
        int row = (y - behind - 1) * width;
        for (int x = 0; x < width; x++) {
          sums[x] -= in[row + x];
        }
        count--;
      }
      int row = y * width;
      for (int x = 0; x < width; x++) {
        out[row + x] = sums[x] / count;
      }
    }
  }

  private static void addRow(float[] sums, float[] in, int row) {
    for (int x = 0; x < sums.length; x++) {
      sums[x] += in[row + x];
    }
  }

  /** Steps between neighbours in hundredths of the range, cut down to whole ones; 90 a point. */
  private static int quality(float[] samples) {
    int sum = 0;
    for (int i = 0; i < SAMPLES; i++) {
      for (int j = 0; j < SAMPLES; j++) {
        float here = samples[i * SAMPLES + j];
        if (i + 1 < SAMPLES) {
          sum += Math.abs((int) ((here - samples[(i + 1) * SAMPLES + j]) * 100 / 255));
        }
        if (j + 1 < SAMPLES) {
          sum += Math.abs((int) ((here - samples[i * SAMPLES + j + 1]) * 100 / 255));
        }
      }
    }
    return Math.min(100, sum / 90);
  }

  /** D A Dᵀ, {@code [16, 16]}. */
  private static float[] frequencies(float[] samples) {
    float[] half = new float[FREQUENCIES * SAMPLES];
    for (int i = 0; i < FREQUENCIES; i++) {
      for (int k = 0; k < SAMPLES; k++) {
        float factor = DCT[i * SAMPLES + k];
        for (int j = 0; j < SAMPLES; j++) {
          half[i * SAMPLES + j] += factor * samples[k * SAMPLES + j];
        }
      }
    }
    float[] frequencies = new float[FREQUENCIES * FREQUENCIES];
    for (int i = 0; i < FREQUENCIES; i++) {
      for (int j = 0; j < FREQUENCIES; j++) {
        float sum = 0;
        for (int k = 0; k < SAMPLES; k++) {
          sum += half[i * SAMPLES + k] * DCT[j * SAMPLES + k];
        }
        frequencies[i * FREQUENCIES + j] = sum;
      }
    }
    return frequencies;
  }

  private static long[] bits(float[] frequencies) {
    float[] sorted = frequencies.clone();
    Arrays.sort(sorted);
    float median = sorted[sorted.length / 2 - 1];
    long[] bits = new long[4];
    for (int i = 0; i < frequencies.length; i++) {
      if (frequencies[i] > median) {
        bits[i / 64] |= 1L << (i % 64);
      }
    }
    return bits;
  }

  private static float[] dct() {
    float[] matrix = new float[FREQUENCIES * SAMPLES];
    float scale = (float) Math.sqrt(2.0 / SAMPLES);
    for (int i = 0; i < FREQUENCIES; i++) {
      for (int j = 0; j < SAMPLES; j++) {
        matrix[i * SAMPLES + j] =
            (float) (scale * Math.cos(Math.PI / 2 / SAMPLES * (i + 1) * (2 * j + 1)));
      }
    }
    return matrix;
  }
}
