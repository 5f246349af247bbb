package org.equipoise.encoders.builtin;

/** Which way the edges of a region run, and how strong they are. */
final class OrientedGradients {
  static final int DESCRIPTORS = 10;

  private static final int ORIENTATIONS = 9;
  private static final float[] COSINES = new float[ORIENTATIONS];
  private static final float[] SINES = new float[ORIENTATIONS];

  static {
    for (int k = 0; k < ORIENTATIONS; k++) {
      COSINES[k] = (float) StrictMath.cos(k * Math.PI / ORIENTATIONS);
      SINES[k] = (float) StrictMath.sin(k * Math.PI / ORIENTATIONS);
    }
  }

  private OrientedGradients() {}

  /** Writes each region's descriptors at {@code offset} of its {@code stride} numbers. */
  static void describe(Plane luma, float[] regions, int stride, int offset) {
    float[] v = luma.values();
    int width = luma.width();
    int height = luma.height();
    double[] sums = new double[RegionGrid.REGIONS * ORIENTATIONS];
    int[] count = new int[RegionGrid.REGIONS];
    for (int y = 1; y < height - 1; y++) {
      int regionRow = RegionGrid.index(y, height) * RegionGrid.SIDE;
      for (int x = 1; x < width - 1; x++) {
        int i = y * width + x;
        float dx = v[i + 1] - v[i - 1];
        float dy = v[i + width] - v[i - width];
        int region = regionRow + RegionGrid.index(x, width);
        sums[region * ORIENTATIONS + nearest(dx, dy)] += Math.sqrt(dx * dx + dy * dy);
        count[region]++;
      }
    }
    for (int region = 0; region < RegionGrid.REGIONS; region++) {
      double total = 0;
      for (int k = 0; k < ORIENTATIONS; k++) {
        total += sums[region * ORIENTATIONS + k];
      }
      int at = region * stride + offset;
      for (int k = 0; k < ORIENTATIONS; k++) {
        regions[at + k] =
            total == 0 ? 0 : (float) Math.sqrt(sums[region * ORIENTATIONS + k] / total);
      }
      regions[at + ORIENTATIONS] = ForensicTraces.log(total / count[region]);
    }
  }

  /**
   * The orientation with the largest projection: cheaper than an angle, and exact at the borders.
   */
  private static int nearest(float dx, float dy) {
    int nearest = 0;
    float most = -1;
    for (int k = 0; k < ORIENTATIONS; k++) {
      float projection = Math.abs(dx * COSINES[k] + dy * SINES[k]);
      if (projection > most) {
        most = projection;
        nearest = k;
      }
    }
    return nearest;
  }
}
