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

  /** Below this edge there is nothing to hash. */
  private static final int LEAST_EDGE = 5;

  private static final float[] DCT = dct();

  private Pdq() {}

  /** The hash of an image; all zero with quality 0 if an edge is shorter than 5 pixels. */
  public static PdqHash hash(RgbImage image) {
    if (image.width() < LEAST_EDGE || image.height() < LEAST_EDGE) {
      return new PdqHash(0, 0, 0, 0, 0);
    }
    float[] samples = samples(image);
    long[] bits = bits(frequencies(samples));
    return new PdqHash(bits[0], bits[1], bits[2], bits[3], quality(samples));
  }

  /** Row by row through both rounds, so that an image's size costs time but hardly memory. */
  private static float[] samples(RgbImage image) {
    int width = image.width();
    int height = image.height();
    int alongRows = window(width);
    int alongColumns = window(height);
    float[] samples = new float[SAMPLES * SAMPLES];
    ColumnMeans second =
        new ColumnMeans(width, alongColumns, (y, row) -> sample(row, y, height, samples));
    float[] smoothed = new float[width];
    ColumnMeans first =
        new ColumnMeans(
            width,
            alongColumns,
            (y, row) -> {
              rowMeans(row, smoothed, alongRows);
              second.accept(smoothed);
            });
    float[] luma = new float[width];
    float[] lumaMeans = new float[width];
    for (int y = 0; y < height; y++) {
      luma(image, y, luma);
      rowMeans(luma, lumaMeans, alongRows);
      first.accept(lumaMeans);
    }
    first.finish();
    second.finish();
    return samples;
  }

  /** Keeps what the samples need of row {@code y}: of a low image, one row is several. */
  private static void sample(float[] row, int y, int height, float[] samples) {
    for (int i = 0; i < SAMPLES; i++) {
      if (centre(i, height) == y) {
        for (int j = 0; j < SAMPLES; j++) {
          samples[i * SAMPLES + j] = row[centre(j, row.length)];
        }
      }
    }
  }

  private static int centre(int sample, int edge) {
    return (int) ((sample + 0.5) * edge / SAMPLES);
  }

  private static void luma(RgbImage image, int y, float[] luma) {
    byte[] pixels = image.pixels();
    for (int x = 0, p = y * luma.length * 3; x < luma.length; x++, p += 3) {
      luma[x] =
          0.299f * (pixels[p] & 0xff)
              + 0.587f * (pixels[p + 1] & 0xff)
              + 0.114f * (pixels[p + 2] & 0xff);
    }
  }

  /** Half a sample's extent, rounded up: two rounds then gather the whole of it. */
  private static int window(int edge) {
    return (edge + 2 * SAMPLES - 1) / (2 * SAMPLES);
  }

  /**
   * The mean of a window around each element of a row; near the edges of what lies within. An even
   * window reaches further forward than back.
   */
  private static void rowMeans(float[] in, float[] out, int window) {
    int ahead = window / 2;
    int behind = window - 1 - ahead;
    float sum = 0;
    int count = 0;
    for (; count < ahead; count++) {
      sum += in[count];
    }
    for (int i = 0; i < in.length; i++) {
      if (i + ahead < in.length) {
        sum += in[i + ahead];
        count++;
      }
      if (i - behind > 0) {
        sum -= in[i - behind - 1];
        count--;
      }
      out[i] = sum / count;
    }
  }

  /** Takes a finished row. The array is used again afterwards. */
  @FunctionalInterface
  private interface Rows {
    void accept(int y, float[] row);
  }

  /** The same mean down the columns, of rows that come one by one. */
  private static final class ColumnMeans {
    private final int window;
    private final int ahead;
    private final Rows next;
    private final float[][] recent;
    private final float[] sums;
    private final float[] means;
    private int rows;
    private int count;
    private int done;

    ColumnMeans(int width, int window, Rows next) {
      this.window = window;
      this.ahead = window / 2;
      this.next = next;
      recent = new float[window][width];
      sums = new float[width];
      means = new float[width];
    }

    void accept(float[] row) {
      float[] oldest = recent[rows % window];
      for (int x = 0; x < sums.length; x++) {
        sums[x] += row[x];
      }
      count++;
      if (rows >= window) {
        subtract(oldest);
      }
      System.arraycopy(row, 0, oldest, 0, row.length);
      rows++;
      if (rows > ahead) {
        emit();
      }
    }

    /** The last rows, whose windows reach beyond the image. */
    void finish() {
      int behind = window - 1 - ahead;
      while (done < rows) {
        int leaving = done - behind - 1;
        if (leaving >= 0) {
          subtract(recent[leaving % window]);
        }
        emit();
      }
    }

    private void subtract(float[] row) {
      for (int x = 0; x < sums.length; x++) {
        sums[x] -= row[x];
      }
      count--;
    }

    private void emit() {
      for (int x = 0; x < sums.length; x++) {
        means[x] = sums[x] / count;
      }
      next.accept(done++, means);
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
