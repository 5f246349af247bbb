package org.equipoise.encoders.builtin;

/** Which way the edges of a region run, and how strong they are. */
final class OrientedGradients {
  static final int DESCRIPTORS = 10;

  private static final int ORIENTATIONS = 9;

  /** Tangents of the angles between the orientations of the first quadrant: 10°, 30°, 50°, 70°. */
  private static final float[] BORDERS = {
    (float) StrictMath.tan(Math.PI / 18),
    (float) StrictMath.tan(Math.PI / 6),
    (float) StrictMath.tan(5 * Math.PI / 18),
    (float) StrictMath.tan(7 * Math.PI / 18)
  };

  private OrientedGradients() {}

  /** Writes each region's descriptors at {@code offset} of its {@code stride} numbers. */
  static void describe(Plane luma, float[] regions, int stride, int offset) {
    float[] v = luma.values();
    int width = luma.width();
    int height = luma.height();
    int[] columnOf = luma.regionColumns();
    double[] sums = new double[RegionGrid.REGIONS * ORIENTATIONS];
    int[] count = new int[RegionGrid.REGIONS];
    for (int y = 1; y < height - 1; y++) {
      int regionRow = RegionGrid.index(y, height) * RegionGrid.SIDE;
      for (int x = 1; x < width - 1; x++) {
        int i = y * width + x;
        float dx = v[i + 1] - v[i - 1];
        float dy = v[i + width] - v[i - width];
        int region = regionRow + columnOf[x];
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

  /** The nearest of 0°, 20°, … 160°, without computing the angle. */
  static int nearest(float dx, float dy) {
    float across = Math.abs(dx);
    float along = Math.abs(dy);
    int steps = 0;
    for (float border : BORDERS) {
      steps += along > border * across ? 1 : 0;
    }
    return dx * dy >= 0 || steps == 0 ? steps : ORIENTATIONS - steps;
  }
}
