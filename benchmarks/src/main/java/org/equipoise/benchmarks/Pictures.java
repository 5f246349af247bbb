package org.equipoise.benchmarks;

import org.equipoise.media.RgbImage;

/** Pictures drawn here, about as compressible as photographs. */
final class Pictures {
  private Pictures() {}

  /** Waves of colour under a little noise. */
  static RgbImage drawn(int width, int height) {
    byte[] pixels = new byte[3 * width * height];
    int noise = 1;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        noise = noise * 1664525 + 1013904223;
        double wave = Math.sin(x / 37.0) + Math.cos(y / 23.0) + Math.sin((x + y) / 91.0);
        for (int channel = 0; channel < 3; channel++) {
          double value = 128 + 30 * wave * (channel + 1) / 3 + (noise >>> 28);
          pixels[3 * (y * width + x) + channel] = (byte) Math.max(0, Math.min(255, value));
        }
      }
    }
    return new RgbImage(width, height, pixels);
  }
}
