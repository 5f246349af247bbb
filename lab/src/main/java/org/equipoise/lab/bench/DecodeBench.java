package org.equipoise.lab.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import org.equipoise.media.BrokenImageException;
import org.equipoise.media.ImageDecoder;
import org.equipoise.media.ImageEncoder;
import org.equipoise.media.RgbImage;

/**
 * Times the decoding of pictures of {@value #WIDTH} × {@value #HEIGHT} pixels, drawn here: a JPEG
 * and a PNG in each repeat, by one thread.
 */
public final class DecodeBench {
  private static final int WIDTH = 800;
  private static final int HEIGHT = 600;
  private static final double QUALITY = 0.9;
  private static final int WARM_UP = 5;

  private final int repeats;

  /**
   * Prepares.
   *
   * @param repeats how many pictures of each format are timed
   */
  public DecodeBench(int repeats) {
    this.repeats = repeats;
  }

  /** Measures. */
  public Measurement run() {
    RgbImage picture = picture();
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("jpeg", ImageEncoder.jpeg(picture, QUALITY));
    files.put("png", ImageEncoder.png(picture));
    Samples whole = new Samples();
    Map<String, Samples> parts = new LinkedHashMap<>();
    files.keySet().forEach(format -> parts.put(format, new Samples()));
    ImageDecoder decoder = new ImageDecoder();
    for (int i = -WARM_UP; i < repeats; i++) {
      if (i == 0) {
        whole.clear();
        parts.values().forEach(Samples::clear);
      }
      whole.time(
          () -> {
            files.forEach((format, file) -> parts.get(format).time(() -> decode(decoder, file)));
            return true;
          });
    }
    return Measurement.of("decode", 1, repeats, whole, files.size(), parts);
  }

  private static RgbImage decode(ImageDecoder decoder, byte[] file) {
    try {
      return decoder.decode(file);
    } catch (BrokenImageException e) {
      throw new IllegalStateException("a picture written here decodes", e);
    }
  }

  /** Waves of colour under a little noise, about as compressible as a photograph. */
  private static RgbImage picture() {
    byte[] pixels = new byte[3 * WIDTH * HEIGHT];
    int noise = 1;
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        noise = noise * 1664525 + 1013904223;
        double wave = Math.sin(x / 37.0) + Math.cos(y / 23.0) + Math.sin((x + y) / 91.0);
        for (int c = 0; c < 3; c++) {
          double value = 128 + 30 * wave * (c + 1) / 3 + (noise >>> 28);
          pixels[3 * (y * WIDTH + x) + c] = (byte) Math.max(0, Math.min(255, value));
        }
      }
    }
    return new RgbImage(WIDTH, HEIGHT, pixels);
  }
}
