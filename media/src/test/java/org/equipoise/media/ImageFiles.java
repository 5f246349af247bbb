package org.equipoise.media;

import com.luciad.imageio.webp.WebPImageWriterSpi;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Pictures and files of every format, written byte by byte where a writer would not let us. */
final class ImageFiles {
  private ImageFiles() {}

  /** Smooth colours with some noise: what a photograph is to a codec. */
  static RgbImage photo(int width, int height, long seed) {
    Random random = new Random(seed);
    double a = 2 + random.nextDouble() * 5;
    double b = 2 + random.nextDouble() * 5;
    byte[] pixels = new byte[width * height * 3];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < 3; c++) {
          double wave =
              Math.sin(a * x / width * (c + 1) + seed) * Math.cos(b * y / height * (3 - c));
          double value = 128 + 100 * wave + random.nextGaussian() * 3;
          pixels[(y * width + x) * 3 + c] = (byte) Math.max(0, Math.min(255, (int) value));
        }
      }
    }
    return new RgbImage(width, height, pixels);
  }

  static RgbImage noise(int width, int height, long seed) {
    byte[] pixels = new byte[width * height * 3];
    new Random(seed).nextBytes(pixels);
    return new RgbImage(width, height, pixels);
  }

  static RgbImage flat(int width, int height, int gray) {
    byte[] pixels = new byte[width * height * 3];
    Arrays.fill(pixels, (byte) gray);
    return new RgbImage(width, height, pixels);
  }

  static BufferedImage buffered(RgbImage image) {
    BufferedImage out =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_3BYTE_BGR);
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        out.setRGB(
            x, y, image.value(x, y, 0) << 16 | image.value(x, y, 1) << 8 | image.value(x, y, 2));
      }
    }
    return out;
  }

  /** A JPEG as the JDK writes it, progressive or not. */
  static byte[] jpeg(BufferedImage image, boolean progressive) {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ImageWriteParam parameters = writer.getDefaultWriteParam();
    if (progressive) {
      parameters.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
    }
    return written(writer, new IIOImage(image, null, null), parameters);
  }

  /** A baseline JPEG whose colours have half the picture's edges, or all of it. */
  static byte[] jpegSampled(BufferedImage image, boolean halved) {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ImageWriteParam parameters = writer.getDefaultWriteParam();
    IIOMetadata metadata =
        writer.getDefaultImageMetadata(
            ImageTypeSpecifier.createFromRenderedImage(image), parameters);
    String format = metadata.getNativeMetadataFormatName();
    IIOMetadataNode root = (IIOMetadataNode) metadata.getAsTree(format);
    IIOMetadataNode luminance =
        (IIOMetadataNode) root.getElementsByTagName("componentSpec").item(0);
    luminance.setAttribute("HsamplingFactor", halved ? "2" : "1");
    luminance.setAttribute("VsamplingFactor", halved ? "2" : "1");
    try {
      metadata.setFromTree(format, root);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return written(writer, new IIOImage(image, null, metadata), parameters);
  }

  /** A WebP by libwebp, with an alpha channel where the picture has one. */
  static byte[] webp(BufferedImage image, boolean lossless) {
    ImageWriter writer = new WebPImageWriterSpi().createWriterInstance(null);
    ImageWriteParam parameters = writer.getDefaultWriteParam();
    parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    parameters.setCompressionType(lossless ? "Lossless" : "Lossy");
    return written(writer, new IIOImage(image, null, null), parameters);
  }

  private static byte[] written(ImageWriter writer, IIOImage image, ImageWriteParam parameters) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, image, parameters);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  /** A JPEG with further segments directly behind its start. */
  static byte[] withSegments(byte[] jpeg, byte[]... segments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, 2);
    for (byte[] segment : segments) {
      out.writeBytes(segment);
    }
    out.write(jpeg, 2, jpeg.length - 2);
    return out.toByteArray();
  }

  /** A JPEG without its JFIF marker. */
  static byte[] withoutJfif(byte[] jpeg) {
    int length = (jpeg[4] & 0xff) << 8 | jpeg[5] & 0xff;
    byte[] out = new byte[jpeg.length - 2 - length];
    System.arraycopy(jpeg, 0, out, 0, 2);
    System.arraycopy(jpeg, 4 + length, out, 2, out.length - 2);
    return out;
  }

  static byte[] segment(int marker, byte[] content) {
    return concat(
        new byte[] {
          (byte) 0xff, (byte) marker, (byte) (content.length + 2 >> 8), (byte) (content.length + 2)
        },
        content);
  }

  /** EXIF's TIFF with one entry, the orientation. */
  static byte[] exif(int orientation) {
    return new byte[] {
      'M',
      'M',
      0,
      42,
      0,
      0,
      0,
      8,
      0,
      1,
      1,
      0x12,
      0,
      3,
      0,
      0,
      0,
      1,
      0,
      (byte) orientation,
      0,
      0,
      0,
      0,
      0,
      0
    };
  }

  static byte[] exifLittle(int orientation) {
    return new byte[] {
      'I',
      'I',
      42,
      0,
      8,
      0,
      0,
      0,
      1,
      0,
      0x12,
      1,
      3,
      0,
      1,
      0,
      0,
      0,
      (byte) orientation,
      0,
      0,
      0,
      0,
      0,
      0,
      0
    };
  }

  /** Rows of packed samples, each behind its filter byte, as a PNG. */
  static byte[] png(int width, int height, int depth, int colourType, byte[] rows, byte[]... more) {
    int stride = rows.length / height;
    ByteArrayOutputStream filtered = new ByteArrayOutputStream();
    for (int y = 0; y < height; y++) {
      filtered.write(0);
      filtered.write(rows, y * stride, stride);
    }
    return concat(
        signature(),
        chunk("IHDR", pngHeader(width, height, depth, colourType)),
        concat(more),
        chunk("IDAT", deflated(filtered.toByteArray())),
        chunk("IEND"));
  }

  static byte[] signature() {
    return new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  }

  static byte[] pngHeader(int width, int height, int depth, int colourType) {
    return concat(
        big(width, 4), big(height, 4), new byte[] {(byte) depth, (byte) colourType, 0, 0, 0});
  }

  static byte[] chunk(String type, byte... content) {
    byte[] named = concat(ascii(type), content);
    CRC32 crc = new CRC32();
    crc.update(named);
    return concat(big(content.length, 4), named, big((int) crc.getValue(), 4));
  }

  static byte[] deflated(byte[] content) {
    Deflater deflater = new Deflater();
    deflater.setInput(content);
    deflater.finish();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    while (!deflater.finished()) {
      out.write(buffer, 0, deflater.deflate(buffer));
    }
    deflater.end();
    return out.toByteArray();
  }

  /**
   * A GIF of one frame. Its codes are those of single values with a clear in time, which every
   * decoder must read.
   *
   * @param transparent the transparent index, −1 for none
   */
  static byte[] gif(
      int screenWidth,
      int screenHeight,
      int left,
      int top,
      int width,
      int height,
      int[] colours,
      int transparent,
      boolean interlaced,
      int[] indices) {
    int bits = Math.max(1, 32 - Integer.numberOfLeadingZeros(colours.length - 1));
    int rootBits = Math.max(2, bits);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(ascii("GIF89a"));
    out.writeBytes(little(screenWidth, 2));
    out.writeBytes(little(screenHeight, 2));
    out.writeBytes(new byte[] {(byte) (0x80 | bits - 1), 0, 0});
    for (int i = 0; i < 1 << bits; i++) {
      out.writeBytes(big(i < colours.length ? colours[i] : 0, 3));
    }
    if (transparent >= 0) {
      out.writeBytes(new byte[] {0x21, (byte) 0xf9, 4, 1, 0, 0, (byte) transparent, 0});
    }
    out.write(0x2c);
    for (int number : new int[] {left, top, width, height}) {
      out.writeBytes(little(number, 2));
    }
    out.write(interlaced ? 0x40 : 0);
    out.write(rootBits);
    out.writeBytes(blocks(codes(indices, rootBits)));
    out.write(0x3b);
    return out.toByteArray();
  }

  /** Each index as its own code; a clear before the codes would grow. */
  private static byte[] codes(int[] indices, int rootBits) {
    BitsLittle bits = new BitsLittle();
    int clear = 1 << rootBits;
    int untilGrowth = clear - 2;
    for (int i = 0; i < indices.length; i++) {
      if (i % untilGrowth == 0) {
        bits.put(clear, rootBits + 1);
      }
      bits.put(indices[i], rootBits + 1);
    }
    bits.put(clear + 1, rootBits + 1);
    return bits.bytes();
  }

  static byte[] blocks(byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < content.length; i += 255) {
      int length = Math.min(255, content.length - i);
      out.write(length);
      out.write(content, i, length);
    }
    out.write(0);
    return out.toByteArray();
  }

  /** Codes, the lowest bit first. */
  static final class BitsLittle {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int pending;
    private int count;

    void put(int value, int bits) {
      pending |= value << count;
      count += bits;
      while (count >= 8) {
        out.write(pending);
        pending >>>= 8;
        count -= 8;
      }
    }

    byte[] bytes() {
      byte[] whole = out.toByteArray();
      return count == 0 ? whole : concat(whole, new byte[] {(byte) pending});
    }
  }

  /** A BMP with a header of 40 bytes. */
  static byte[] bmp(
      int width, int height, int depth, int coding, byte[] behindHeader, byte[] data) {
    return concat(
        ascii("BM"),
        little(54 + behindHeader.length + data.length, 4),
        little(0, 4),
        little(54 + behindHeader.length, 4),
        little(40, 4),
        little(width, 4),
        little(height, 4),
        little(1, 2),
        little(depth, 2),
        little(coding, 4),
        new byte[20],
        behindHeader,
        data);
  }

  static byte[] riff(byte[]... chunks) {
    byte[] content = concat(chunks);
    return concat(ascii("RIFF"), little(content.length + 4, 4), ascii("WEBP"), content);
  }

  static byte[] riffChunk(String name, byte... content) {
    return concat(ascii(name), little(content.length, 4), content, new byte[content.length % 2]);
  }

  static BufferedImage withAlpha(RgbImage image, int alpha) {
    BufferedImage out =
        ImageTypeSpecifier.createFromBufferedImageType(BufferedImage.TYPE_INT_ARGB)
            .createBufferedImage(image.width(), image.height());
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        out.setRGB(
            x,
            y,
            alpha << 24
                | image.value(x, y, 0) << 16
                | image.value(x, y, 1) << 8
                | image.value(x, y, 2));
      }
    }
    return out;
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static byte[] big(int value, int bytes) {
    byte[] out = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      out[i] = (byte) (value >>> 8 * (bytes - 1 - i));
    }
    return out;
  }

  static byte[] little(int value, int bytes) {
    byte[] out = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      out[i] = (byte) (value >>> 8 * i);
    }
    return out;
  }

  static byte[] bytes(int... values) {
    byte[] out = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      out[i] = (byte) values[i];
    }
    return out;
  }

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
