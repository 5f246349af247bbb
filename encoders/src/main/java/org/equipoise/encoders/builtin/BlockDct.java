package org.equipoise.encoders.builtin;

/** Statistics of the discrete cosine transform of 8 × 8 blocks, as JPEG cuts them. */
final class BlockDct {
  static final int SIDE = 8;
  static final int DESCRIPTORS = 22;

  private static final int DIAGONALS = 14;
  private static final int ERROR_AT = DIAGONALS;
  private static final int EMPTY_AT = ERROR_AT + 3;
  private static final int BLOCKINESS_AT = EMPTY_AT + 3;
  private static final int SIZE = SIDE * SIDE;
  private static final int[] QUALITIES = {95, 75, 50};
  private static final int LAST_LOW_DIAGONAL = 3;
  private static final int LAST_MIDDLE_DIAGONAL = 7;

  /** The luminance table of the JPEG standard, annex K, row by row. */
  private static final int[] LUMINANCE = {
    16, 11, 10, 16, 24, 40, 51, 61, //
    12, 12, 14, 19, 26, 58, 60, 55, //
    14, 13, 16, 24, 40, 57, 69, 56, //
    14, 17, 22, 29, 51, 87, 80, 62, //
    18, 22, 37, 56, 68, 109, 103, 77, //
    24, 35, 55, 64, 81, 104, 113, 92, //
    49, 64, 78, 87, 103, 121, 120, 101, //
    72, 92, 95, 98, 112, 100, 103, 99
  };

  private static final float[][] STEPS = new float[QUALITIES.length][SIZE];
  private static final float[] COSINES = new float[SIZE];

  static {
    for (int q = 0; q < QUALITIES.length; q++) {
      // libjpeg's jpeg_quality_scaling
      int scale = QUALITIES[q] < 50 ? 5000 / QUALITIES[q] : 200 - 2 * QUALITIES[q];
      for (int i = 0; i < SIZE; i++) {
        STEPS[q][i] = Math.max(1, Math.min(255, (LUMINANCE[i] * scale + 50) / 100));
      }
    }
    for (int u = 0; u < SIDE; u++) {
      double norm = u == 0 ? Math.sqrt(1.0 / SIDE) : Math.sqrt(2.0 / SIDE);
      for (int x = 0; x < SIDE; x++) {
        COSINES[u * SIDE + x] = (float) (norm * StrictMath.cos((2 * x + 1) * u * Math.PI / 16));
      }
    }
  }

  private BlockDct() {}

  /** Sums over the blocks of one region. */
  private static final class Sums {
    private final double[] sizes = new double[DIAGONALS + 1];
    private final double[] errors = new double[QUALITIES.length];
    private final int[] empty = new int[3];
    private int blocks;
  }

  /** Writes each region's descriptors at {@code offset} of its {@code stride} numbers. */
  static void describe(Plane luma, float[] regions, int stride, int offset) {
    int columns = luma.width() / SIDE;
    int rows = luma.height() / SIDE;
    Sums[] sums = new Sums[RegionGrid.REGIONS];
    for (int r = 0; r < sums.length; r++) {
      sums[r] = new Sums();
    }
    float[] coefficients = new float[SIZE];
    float[] half = new float[SIZE];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        transform(luma, column * SIDE, row * SIDE, half, coefficients);
        add(
            coefficients,
            sums[
                RegionGrid.index(row, rows) * RegionGrid.SIDE + RegionGrid.index(column, columns)]);
      }
    }
    for (int r = 0; r < sums.length; r++) {
      write(sums[r], regions, r * stride + offset);
    }
    blockiness(luma, true, regions, stride, offset + BLOCKINESS_AT);
    blockiness(luma, false, regions, stride, offset + BLOCKINESS_AT + 1);
  }

  /** The orthonormal DCT-II of a block, first along rows. */
  static void transform(Plane luma, int left, int top, float[] half, float[] into) {
    for (int y = 0; y < SIDE; y++) {
      int from = (top + y) * luma.width() + left;
      for (int u = 0; u < SIDE; u++) {
        float sum = 0;
        for (int x = 0; x < SIDE; x++) {
          sum += COSINES[u * SIDE + x] * luma.values()[from + x];
        }
        half[y * SIDE + u] = sum;
      }
    }
    for (int v = 0; v < SIDE; v++) {
      for (int u = 0; u < SIDE; u++) {
        float sum = 0;
        for (int y = 0; y < SIDE; y++) {
          sum += COSINES[v * SIDE + y] * half[y * SIDE + u];
        }
        into[v * SIDE + u] = sum;
      }
    }
  }

  private static void add(float[] coefficients, Sums sums) {
    sums.blocks++;
    for (int i = 1; i < SIZE; i++) {
      int diagonal = i / SIDE + i % SIDE;
      float size = Math.abs(coefficients[i]);
      sums.sizes[diagonal] += size;
      if (size < 1) {
        sums.empty[diagonal <= LAST_LOW_DIAGONAL ? 0 : diagonal <= LAST_MIDDLE_DIAGONAL ? 1 : 2]++;
      }
    }
    for (int q = 0; q < QUALITIES.length; q++) {
      double square = 0;
      for (int i = 1; i < SIZE; i++) {
        float steps = coefficients[i] / STEPS[q][i];
        float error = (steps - (float) Math.rint(steps)) * STEPS[q][i];
        square += error * error;
      }
      sums.errors[q] += square;
    }
  }

  private static void write(Sums sums, float[] regions, int at) {
    for (int diagonal = 1; diagonal <= DIAGONALS; diagonal++) {
      int onDiagonal = diagonal < SIDE ? diagonal + 1 : 2 * SIDE - 1 - diagonal;
      regions[at + diagonal - 1] =
          ForensicTraces.log(sums.sizes[diagonal] / ((double) sums.blocks * onDiagonal));
    }
    for (int q = 0; q < QUALITIES.length; q++) {
      // by Parseval the error of the coefficients is the error of the pixels
      regions[at + ERROR_AT + q] =
          ForensicTraces.log(Math.sqrt(sums.errors[q] / ((double) sums.blocks * SIZE)));
    }
    int low = 0;
    int middle = 0;
    for (int i = 1; i < SIZE; i++) {
      int diagonal = i / SIDE + i % SIDE;
      low += diagonal <= LAST_LOW_DIAGONAL ? 1 : 0;
      middle += diagonal > LAST_LOW_DIAGONAL && diagonal <= LAST_MIDDLE_DIAGONAL ? 1 : 0;
    }
    int[] counts = {low, middle, SIZE - 1 - low - middle};
    for (int band = 0; band < counts.length; band++) {
      regions[at + EMPTY_AT + band] =
          (float) sums.empty[band] / ((float) sums.blocks * counts[band]);
    }
  }

  private static void blockiness(
      Plane luma, boolean acrossColumns, float[] regions, int stride, int at) {
    double[] border = new double[RegionGrid.REGIONS];
    double[] within = new double[RegionGrid.REGIONS];
    int[] columnOf = luma.regionColumns();
    int next = acrossColumns ? 1 : luma.width();
    int endX = acrossColumns ? luma.width() - 1 : luma.width();
    int endY = acrossColumns ? luma.height() : luma.height() - 1;
    for (int y = 0; y < endY; y++) {
      int regionRow = RegionGrid.index(y, luma.height()) * RegionGrid.SIDE;
      for (int x = 0; x < endX; x++) {
        int phase = (acrossColumns ? x : y) % SIDE;
        if (phase != SIDE - 1 && phase != SIDE / 2 - 1) {
          continue;
        }
        int i = y * luma.width() + x;
        double step = Math.abs(luma.values()[i + next] - luma.values()[i]);
        int region = regionRow + columnOf[x];
        (phase == SIDE - 1 ? border : within)[region] += step;
      }
    }
    for (int r = 0; r < RegionGrid.REGIONS; r++) {
      // a flat region has no steps at all: one of half a level each keeps the ratio finite
      double area = (double) luma.width() * luma.height() / RegionGrid.REGIONS / SIDE;
      regions[r * stride + at] =
          (float) StrictMath.log((border[r] + area / 2) / (within[r] + area / 2));
    }
  }
}
