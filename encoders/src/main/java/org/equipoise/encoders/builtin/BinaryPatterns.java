package org.equipoise.encoders.builtin;

/** Rotation-invariant uniform local binary patterns of the 8 neighbours (Ojala et al. 2002). */
final class BinaryPatterns {
  static final int DESCRIPTORS = 10;

  /** By the bits of a pattern: how many are set if they are one run on the circle, else 9. */
  private static final byte[] CLASS_OF = new byte[256];

  static {
    for (int bits = 0; bits < 256; bits++) {
      int turned = ((bits << 1) | (bits >> 7)) & 0xff;
      boolean uniform = Integer.bitCount(bits ^ turned) <= 2;
      CLASS_OF[bits] = (byte) (uniform ? Integer.bitCount(bits) : DESCRIPTORS - 1);
    }
  }

  private BinaryPatterns() {}

  /** Writes each region's descriptors at {@code offset} of its {@code stride} numbers. */
  static void describe(Plane luma, float[] regions, int stride, int offset) {
    float[] v = luma.values();
    int width = luma.width();
    int height = luma.height();
    int[] columnOf = luma.regionColumns();
    int[] counts = new int[RegionGrid.REGIONS * DESCRIPTORS];
    int[] total = new int[RegionGrid.REGIONS];
    for (int y = 1; y < height - 1; y++) {
      int regionRow = RegionGrid.index(y, height) * RegionGrid.SIDE;
      for (int x = 1; x < width - 1; x++) {
        int i = y * width + x;
        float centre = v[i];
        int bits =
            (v[i - width - 1] >= centre ? 1 : 0)
                | (v[i - width] >= centre ? 2 : 0)
                | (v[i - width + 1] >= centre ? 4 : 0)
                | (v[i + 1] >= centre ? 8 : 0)
                | (v[i + width + 1] >= centre ? 16 : 0)
                | (v[i + width] >= centre ? 32 : 0)
                | (v[i + width - 1] >= centre ? 64 : 0)
                | (v[i - 1] >= centre ? 128 : 0);
        int region = regionRow + columnOf[x];
        counts[region * DESCRIPTORS + CLASS_OF[bits]]++;
        total[region]++;
      }
    }
    for (int region = 0; region < RegionGrid.REGIONS; region++) {
      for (int d = 0; d < DESCRIPTORS; d++) {
        regions[region * stride + offset + d] =
            (float) Math.sqrt((double) counts[region * DESCRIPTORS + d] / total[region]);
      }
    }
  }
}
