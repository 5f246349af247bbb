package org.equipoise.media;

import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.CRC32;
import org.equipoise.media.BrokenImageException.Reason;

/**
 * PNG by the JDK's decoder, from a file that is first reduced to the chunks that its pixels need:
 * profiles and texts may unpack to gigabytes, and gamma would be applied. Palettes and transparency
 * are read here, so that they mean the same under every Java version.
 */
final class PngDecoder {
  private static final int GRAY = 0;
  private static final int RGB = 2;
  private static final int PALETTE = 3;
  private static final int GRAY_ALPHA = 4;
  private static final int RGB_ALPHA = 6;

  private final Bytes file;
  private final ByteArrayOutputStream reduced = new ByteArrayOutputStream();
  private Orientation orientation = Orientation.UPRIGHT;
  private int depth;
  private int colourType;
  private byte[] palette = {};
  private byte[] transparency = {};

  private PngDecoder(Bytes file) {
    this.file = file;
  }

  static RgbImage decode(Bytes file, ImageLimits limits, Deadline deadline)
      throws BrokenImageException, IOException {
    PngDecoder decoder = new PngDecoder(file);
    decoder.readChunks(limits);
    Raster raster = PlatformReader.PNG.read(decoder.reduced.toByteArray(), deadline).raster();
    return decoder.orientation.apply(decoder.pixels(raster));
  }

  private void readChunks(ImageLimits limits) throws BrokenImageException {
    reduced.write(file.array(), 0, 8);
    int at = 8;
    boolean end = false;
    while (!end) {
      long length = file.u32(at);
      file.require(at + 8L, length + 4);
      int content = at + 8;
      int size = (int) length;
      if (at == 8 && (!file.has(12, "IHDR") || size != 13)) {
        throw new BrokenImageException(Reason.BROKEN, "PNG: it does not start with its header");
      }
      switch (type(at)) {
        case "IHDR" -> readHeader(at, limits);
        case "PLTE" -> palette = kept(at, size);
        case "tRNS" -> transparency = content(content, size);
        case "eXIf" -> orientation = Orientation.ofExif(file.array(), content, content + size);
        case "IDAT" -> keep(at, size);
        case "IEND" -> {
          keep(at, size);
          end = true;
        }
        default -> {
          // Says nothing about the pixels.
        }
      }
      at += 12 + size;
    }
    if (colourType == PALETTE && palette.length == 0) {
      throw new BrokenImageException(Reason.BROKEN, "PNG: a palette image without its palette");
    }
  }

  private void readHeader(int at, ImageLimits limits) throws BrokenImageException {
    if (at != 8) {
      throw new BrokenImageException(Reason.BROKEN, "PNG: two headers");
    }
    depth = file.u8(24);
    colourType = file.u8(25);
    limits.check(file.u32(16), file.u32(20));
    keep(at, 13);
  }

  private String type(int at) throws BrokenImageException {
    StringBuilder type = new StringBuilder(4);
    for (int i = 4; i < 8; i++) {
      type.append((char) file.u8(at + i));
    }
    return type.toString();
  }

  private byte[] content(int from, int size) {
    byte[] content = new byte[size];
    System.arraycopy(file.array(), from, content, 0, size);
    return content;
  }

  private byte[] kept(int at, int size) throws BrokenImageException {
    keep(at, size);
    return content(at + 8, size);
  }

  private void keep(int at, int size) throws BrokenImageException {
    CRC32 crc = new CRC32();
    crc.update(file.array(), at + 4, 4 + size);
    if (crc.getValue() != file.u32(at + 8 + size)) {
      throw new BrokenImageException(
          Reason.BROKEN,
          "PNG: the checksum of the %s chunk at %,d is wrong".formatted(type(at), at));
    }
    reduced.write(file.array(), at, 12 + size);
  }

  private RgbImage pixels(Raster raster) throws BrokenImageException {
    int bands = raster.getNumBands();
    int expected =
        switch (colourType) {
          case GRAY, PALETTE -> 1;
          case GRAY_ALPHA -> 2;
          case RGB -> 3;
          case RGB_ALPHA -> 4;
          default ->
              throw new BrokenImageException(Reason.BROKEN, "PNG: colour type " + colourType);
        };
    if (bands != expected) {
      throw new BrokenImageException(
          Reason.BROKEN, "PNG: %d channels where %d belong".formatted(bands, expected));
    }
    int shift = depth == 16 ? 8 : 0;
    return switch (colourType) {
      case PALETTE -> PlatformReader.convert(raster, this::fromPalette);
      case GRAY -> {
        int scale = depth < 8 ? 255 / ((1 << depth) - 1) : 1;
        int clear = clear(0);
        yield PlatformReader.convert(
            raster,
            (in, i, out, o) -> {
              byte gray = in[i] == clear ? (byte) 255 : (byte) ((in[i] >> shift) * scale);
              out[o] = gray;
              out[o + 1] = gray;
              out[o + 2] = gray;
            });
      }
      case GRAY_ALPHA ->
          PlatformReader.convert(
              raster,
              (in, i, out, o) -> {
                byte gray = Colours.onWhite(in[i] >> shift, in[i + 1] >> shift);
                out[o] = gray;
                out[o + 1] = gray;
                out[o + 2] = gray;
              });
      case RGB_ALPHA ->
          PlatformReader.convert(
              raster,
              (in, i, out, o) -> {
                int alpha = in[i + 3] >> shift;
                out[o] = Colours.onWhite(in[i] >> shift, alpha);
                out[o + 1] = Colours.onWhite(in[i + 1] >> shift, alpha);
                out[o + 2] = Colours.onWhite(in[i + 2] >> shift, alpha);
              });
      default -> rgb(raster, shift);
    };
  }

  private RgbImage rgb(Raster raster, int shift) {
    if (shift == 0 && transparency.length < 6) {
      return PlatformReader.rgb(raster);
    }
    int clearRed = clear(0);
    int clearGreen = clear(1);
    int clearBlue = clear(2);
    return PlatformReader.convert(
        raster,
        (in, i, out, o) -> {
          boolean clear = in[i] == clearRed && in[i + 1] == clearGreen && in[i + 2] == clearBlue;
          out[o] = clear ? (byte) 255 : (byte) (in[i] >> shift);
          out[o + 1] = clear ? (byte) 255 : (byte) (in[i + 1] >> shift);
          out[o + 2] = clear ? (byte) 255 : (byte) (in[i + 2] >> shift);
        });
  }

  /** The value of a channel that means transparent, at the file's depth; −1 if none does. */
  private int clear(int channel) {
    int at = channel * 2;
    return transparency.length < at + 2
        ? -1
        : (transparency[at] & 0xff) << 8 | transparency[at + 1] & 0xff;
  }

  /** An index beyond the palette is black, as in browsers. */
  private void fromPalette(int[] in, int i, byte[] out, int o) {
    int index = in[i];
    int alpha = index < transparency.length ? transparency[index] & 0xff : 255;
    for (int channel = 0; channel < 3; channel++) {
      int at = index * 3 + channel;
      int value = at < palette.length ? palette[at] & 0xff : 0;
      out[o + channel] = Colours.onWhite(value, alpha);
    }
  }
}
