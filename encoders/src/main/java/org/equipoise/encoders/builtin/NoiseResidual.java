package org.equipoise.encoders.builtin;

/** Statistics of what remains when smooth content is taken away. */
final class NoiseResidual {
  static final int DESCRIPTORS = 10;

  private static final float[] LEVELS = {0.5f, 1.5f, 4f};

  private NoiseResidual() {}

  /** Writes each region's descriptors at {@code offset} of its {@code stride} numbers. */
  static void describe(Plane luma, Plane blue, Plane red, float[] regions, int stride, int offset) {
    float[] residual = residual(luma);
    int width = luma.width();
    int height = luma.height();
    int[] columnOf = luma.regionColumns();
    double[] size = new double[RegionGrid.REGIONS];
    double[] square = new double[RegionGrid.REGIONS];
    double[] right = new double[RegionGrid.REGIONS];
    double[] down = new double[RegionGrid.REGIONS];
    int[][] below = new int[LEVELS.length][RegionGrid.REGIONS];
    int[] count = new int[RegionGrid.REGIONS];
    for (int y = 1; y < height - 1; y++) {
      int regionRow = RegionGrid.index(y, height) * RegionGrid.SIDE;
      for (int x = 1; x < width - 1; x++) {
        int region = regionRow + columnOf[x];
        int i = y * width + x;
        float r = residual[i];
        float magnitude = Math.abs(r);
        count[region]++;
        size[region] += magnitude;
        square[region] += r * r;
        // the residual is 0 outside, which the outermost pairs meet
        right[region] += r * residual[i + 1];
        down[region] += r * residual[i + width];
        for (int level = 0; level < LEVELS.length; level++) {
          below[level][region] += magnitude < LEVELS[level] ? 1 : 0;
        }
      }
    }
    double[] blueSize = meanSize(blue);
    double[] redSize = meanSize(red);
    for (int region = 0; region < RegionGrid.REGIONS; region++) {
      int at = region * stride + offset;
      double mean = size[region] / count[region];
      double deviation = Math.sqrt(square[region] / count[region]);
      regions[at] = ForensicTraces.log(mean);
      regions[at + 1] = ForensicTraces.log(deviation);
      regions[at + 2] = deviation == 0 ? 1 : (float) (mean / deviation);
      regions[at + 3] = square[region] == 0 ? 0 : (float) (right[region] / square[region]);
      regions[at + 4] = square[region] == 0 ? 0 : (float) (down[region] / square[region]);
      regions[at + 5] = ForensicTraces.log(blueSize[region]);
      regions[at + 6] = ForensicTraces.log(redSize[region]);
      for (int level = 0; level < LEVELS.length; level++) {
        regions[at + 7 + level] = (float) below[level][region] / count[region];
      }
    }
  }

  /** The kernel −1 2 −1 / 2 −4 2 / −1 2 −1, divided by 4; 0 on the outermost pixels. */
  private static float[] residual(Plane plane) {
    float[] v = plane.values();
    int width = plane.width();
    float[] residual = new float[v.length];
    for (int y = 1; y < plane.height() - 1; y++) {
      for (int i = y * width + 1; i < (y + 1) * width - 1; i++) {
        float cross = v[i - 1] + v[i + 1] + v[i - width] + v[i + width];
        float corners = v[i - width - 1] + v[i - width + 1] + v[i + width - 1] + v[i + width + 1];
        residual[i] = (2 * cross - corners - 4 * v[i]) / 4;
      }
    }
    return residual;
  }

  private static double[] meanSize(Plane plane) {
    float[] residual = residual(plane);
    int[] columnOf = plane.regionColumns();
    double[] size = new double[RegionGrid.REGIONS];
    int[] count = new int[RegionGrid.REGIONS];
    for (int y = 1; y < plane.height() - 1; y++) {
      int regionRow = RegionGrid.index(y, plane.height()) * RegionGrid.SIDE;
      for (int x = 1; x < plane.width() - 1; x++) {
        int region = regionRow + columnOf[x];
        size[region] += Math.abs(residual[y * plane.width() + x]);
        count[region]++;
      }
    }
    for (int r = 0; r < size.length; r++) {
      size[r] /= count[r];
    }
    return size;
  }
}
