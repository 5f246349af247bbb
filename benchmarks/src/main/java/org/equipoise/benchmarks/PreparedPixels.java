package org.equipoise.benchmarks;

import org.equipoise.media.Resampling;
import org.equipoise.media.Resampling.Filter;
import org.equipoise.media.RgbImage;

/**
 * What an image network takes: a square by bicubic resampling, normalised by tables, channels
 * first.
 *
 * @param edge of the square, in pixels
 * @param crop whether the shorter edge is brought to that size and the middle cut out; otherwise
 *     both edges are
 */
record PreparedPixels(int edge, boolean crop) {
  private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
  private static final float[] DEVIATION = {0.229f, 0.224f, 0.225f};
  private static final float[][] TABLES = tables();

  private static float[][] tables() {
    float[][] tables = new float[3][256];
    for (int channel = 0; channel < 3; channel++) {
      for (int value = 0; value < 256; value++) {
        tables[channel][value] =
            ((float) (value * (1 / 255.0)) - MEAN[channel]) / DEVIATION[channel];
      }
    }
    return tables;
  }

  /** {@code [3, edge, edge]}. */
  float[] of(RgbImage image) {
    byte[] pixels = resized(image).pixels();
    float[] red = TABLES[0];
    float[] green = TABLES[1];
    float[] blue = TABLES[2];
    int plane = edge * edge;
    float[] values = new float[3 * plane];
    for (int i = 0, p = 0; i < plane; i++, p += 3) {
      values[i] = red[pixels[p] & 0xff];
      values[plane + i] = green[pixels[p + 1] & 0xff];
      values[2 * plane + i] = blue[pixels[p + 2] & 0xff];
    }
    return values;
  }

  RgbImage resized(RgbImage image) {
    if (!crop) {
      return Resampling.resize(image, edge, edge, Filter.BICUBIC);
    }
    int shorter = Math.min(image.width(), image.height());
    int width = (int) ((long) edge * image.width() / shorter);
    int height = (int) ((long) edge * image.height() / shorter);
    return Resampling.resizeAndCrop(
        image, width, height, (width - edge) / 2, (height - edge) / 2, edge, edge, Filter.BICUBIC);
  }
}
