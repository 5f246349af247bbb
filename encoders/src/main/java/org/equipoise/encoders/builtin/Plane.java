package org.equipoise.encoders.builtin;

import org.equipoise.media.RgbImage;

/**
 * One channel of an image in floats, from 0 to 255.
 *
 * @param width columns
 * @param height rows
 * @param values {@code [height, width]}
 */
record Plane(int width, int height, float[] values) {
  /** A weighted sum of red, green and blue, plus a constant. */
  static Plane of(RgbImage image, float red, float green, float blue, float constant) {
    byte[] pixels = image.pixels();
    float[] values = new float[image.width() * image.height()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          red * (pixels[3 * i] & 0xff)
              + green * (pixels[3 * i + 1] & 0xff)
              + blue * (pixels[3 * i + 2] & 0xff)
              + constant;
    }
    return new Plane(image.width(), image.height(), values);
  }

  /** Lightness as JPEG defines it (BT.601). */
  static Plane luma(RgbImage image) {
    return of(image, 0.299f, 0.587f, 0.114f, 0);
  }

  /** The column of regions that each column of pixels lies in: a division for each pixel costs. */
  int[] regionColumns() {
    int[] columns = new int[width];
    for (int x = 0; x < width; x++) {
      columns[x] = RegionGrid.index(x, width);
    }
    return columns;
  }

  /** Means of 2 × 2 pixels; an odd last row or column is dropped. */
  Plane halved() {
    int halfWidth = width / 2;
    int halfHeight = height / 2;
    float[] half = new float[halfWidth * halfHeight];
    for (int y = 0; y < halfHeight; y++) {
      for (int x = 0; x < halfWidth; x++) {
        int i = 2 * y * width + 2 * x;
        half[y * halfWidth + x] =
            (values[i] + values[i + 1] + values[i + width] + values[i + width + 1]) / 4;
      }
    }
    return new Plane(halfWidth, halfHeight, half);
  }
}
