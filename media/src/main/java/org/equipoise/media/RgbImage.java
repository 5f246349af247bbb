package org.equipoise.media;

import java.util.Arrays;
import java.util.Objects;

/**
 * A picture: 8 bits a channel, sRGB as stored, no alpha.
 *
 * @param width columns, at least 1
 * @param height rows, at least 1
 * @param pixels {@code [height, width, 3]}: row by row from the top, red green blue. The array is
 *     not copied, neither here nor by {@link #pixels()}: whoever holds an image must not write to
 *     it.
 */
public record RgbImage(int width, int height, byte[] pixels) {
  /**
   * @throws IllegalArgumentException if an edge is below 1 or {@code pixels} has another length
   *     than {@code height * width * 3}
   */
  public RgbImage {
    Objects.requireNonNull(pixels, "pixels");
    if (width < 1 || height < 1 || (long) width * height * 3 != pixels.length) {
      throw new IllegalArgumentException(
          "an image of "
              + width
              + " x "
              + height
              + " needs as many pixels, three bytes each; given are "
              + pixels.length
              + " bytes");
    }
  }

  /** The value 0 to 255 of channel 0 (red), 1 (green) or 2 (blue). */
  public int value(int x, int y, int channel) {
    Objects.checkIndex(x, width);
    Objects.checkIndex(y, height);
    Objects.checkIndex(channel, 3);
    return pixels[(y * width + x) * 3 + channel] & 0xff;
  }

  /** Two images are equal when their sizes and all their pixels are. */
  @Override
  public boolean equals(Object other) {
    return other instanceof RgbImage image
        && width == image.width
        && height == image.height
        && Arrays.equals(pixels, image.pixels);
  }

  @Override
  public int hashCode() {
    return Objects.hash(width, height, Arrays.hashCode(pixels));
  }

  @Override
  public String toString() {
    return "RgbImage[" + width + " x " + height + "]";
  }
}
