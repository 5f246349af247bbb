package org.equipoise.media;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes pictures: thumbnails of reports, demo posts. */
public final class ImageEncoder {
  private ImageEncoder() {}

  /**
   * A baseline JPEG.
   *
   * @param quality above 0, at most 1
   * @throws IllegalArgumentException if the quality is beyond its range, or an edge longer than the
   *     65,535 pixels that the format allows
   */
  public static byte[] jpeg(RgbImage image, double quality) {
    if (!(quality > 0 && quality <= 1)) {
      throw new IllegalArgumentException("quality must be above 0 and at most 1, not " + quality);
    }
    if (image.width() > 65_535 || image.height() > 65_535) {
      throw new IllegalArgumentException("a JPEG has at most 65,535 pixels an edge: " + image);
    }
    return write("jpeg", image, quality);
  }

  /** A PNG: the same pixels when read again. */
  public static byte[] png(RgbImage image) {
    return write("png", image, Double.NaN);
  }

  private static byte[] write(String format, RgbImage image, double quality) {
    ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      if (!Double.isNaN(quality)) {
        parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        parameters.setCompressionQuality((float) quality);
      }
      writer.write(null, new IIOImage(buffered(image), null, null), parameters);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static BufferedImage buffered(RgbImage image) {
    BufferedImage buffered =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_3BYTE_BGR);
    byte[] blueFirst = ((DataBufferByte) buffered.getRaster().getDataBuffer()).getData();
    byte[] pixels = image.pixels();
    for (int i = 0; i < pixels.length; i += 3) {
      blueFirst[i] = pixels[i + 2];
      blueFirst[i + 1] = pixels[i + 1];
      blueFirst[i + 2] = pixels[i];
    }
    return buffered;
  }
}
