package org.equipoise.media;

import java.io.IOException;
import org.equipoise.media.BrokenImageException.Reason;

/**
 * BMP: 1, 4 and 8 bits with a palette (plain or run-length coded), 16, 24 and 32 bits.
 *
 * <p>Own code: the JDK's decoder hands embedded JPEGs and PNGs to whichever reader is there,
 * without limits, and follows linked profiles.
 */
final class BmpDecoder {
  private static final int PLAIN = 0;
  private static final int RUNS_8 = 1;
  private static final int RUNS_4 = 2;
  private static final int MASKS = 3;
  private static final int MASKS_WITH_ALPHA = 6;
  private static final int FILE_HEADER = 14;
  private static final int OLD_HEADER = 12;

  private final Bytes file;
  private final Deadline deadline;
  private int header;
  private int width;
  private int height;
  private boolean fromTop;
  private int depth;
  private int coding;
  private byte[] palette = {};
  private Channel[] channels = {};

  private BmpDecoder(Bytes file, Deadline deadline) {
    this.file = file;
    this.deadline = deadline;
  }

  static RgbImage decode(Bytes file, ImageLimits limits, Deadline deadline)
      throws BrokenImageException, IOException {
    BmpDecoder decoder = new BmpDecoder(file, deadline);
    decoder.readHeader(limits);
    return decoder.pixels();
  }

  /** A channel of a pixel's bits: {@code (pixel & mask) >>> shift}, of {@code most + 1} values. */
  private record Channel(int mask, int shift, int most) {
    static Channel of(int mask) {
      int shift = mask == 0 ? 0 : Integer.numberOfTrailingZeros(mask);
      return new Channel(mask, shift, mask >>> shift);
    }

    int value(int pixel) {
      long value = Integer.toUnsignedLong((pixel & mask) >>> shift);
      long range = Integer.toUnsignedLong(most);
      return range == 0 ? 0 : (int) ((value * 255 + range / 2) / range);
    }
  }

  private void readHeader(ImageLimits limits) throws BrokenImageException {
    long size = file.u32Little(FILE_HEADER);
    if (size != OLD_HEADER && (size < 40 || size > 124)) {
      throw broken("a header of %,d bytes".formatted(size));
    }
    header = (int) size;
    file.require(FILE_HEADER, header);
    int colours = 0;
    if (header == OLD_HEADER) {
      width = file.u16Little(18);
      height = file.u16Little(20);
      depth = file.u16Little(24);
      limits.check(width, height);
    } else {
      width = file.i32Little(18);
      int rows = file.i32Little(22);
      fromTop = rows < 0;
      // The absolute value of the smallest int is not an int.
      limits.check(width, Math.abs((long) rows));
      height = Math.abs(rows);
      depth = file.u16Little(28);
      coding = file.i32Little(30);
      colours = file.i32Little(46);
    }
    switch (depth) {
      case 1, 4, 8 -> readPalette(colours);
      case 16, 24, 32 -> readMasks();
      default -> throw broken(depth + " bits a pixel");
    }
    boolean known =
        switch (coding) {
          case PLAIN -> true;
          case RUNS_8 -> depth == 8;
          case RUNS_4 -> depth == 4;
          case MASKS, MASKS_WITH_ALPHA -> depth == 16 || depth == 32;
          default -> false;
        };
    if (!known) {
      throw broken("coding %d at %d bits a pixel is not read".formatted(coding, depth));
    }
  }

  private void readPalette(int colours) throws BrokenImageException {
    int most = 1 << depth;
    int count = colours == 0 ? most : colours;
    if (count < 0 || count > most) {
      throw broken("a palette of %d colours at %d bits a pixel".formatted(colours, depth));
    }
    int entry = header == OLD_HEADER ? 3 : 4;
    int at = FILE_HEADER + header;
    file.require(at, (long) count * entry);
    palette = new byte[count * 3];
    for (int i = 0; i < count; i++) {
      palette[i * 3] = (byte) file.u8(at + i * entry + 2);
      palette[i * 3 + 1] = (byte) file.u8(at + i * entry + 1);
      palette[i * 3 + 2] = (byte) file.u8(at + i * entry);
    }
  }

  /**
   * Without masks of its own, 16 bits are 5 a channel, and the fourth byte of 32 bits is unused.
   */
  private void readMasks() throws BrokenImageException {
    int[] masks =
        depth == 16 ? new int[] {0x7c00, 0x3e0, 0x1f, 0} : new int[] {0xff0000, 0xff00, 0xff, 0};
    if (coding == MASKS || coding == MASKS_WITH_ALPHA) {
      // Behind a header of 40 bytes, within a longer one: the same place. Alpha came later.
      boolean alpha = coding == MASKS_WITH_ALPHA || header >= 56;
      for (int i = 0; i < (alpha ? 4 : 3); i++) {
        masks[i] = file.i32Little(FILE_HEADER + 40 + 4 * i);
      }
    }
    channels = new Channel[4];
    for (int i = 0; i < 4; i++) {
      channels[i] = Channel.of(masks[i]);
    }
  }

  private RgbImage pixels() throws BrokenImageException, IOException {
    long data = file.u32Little(10);
    if (data < FILE_HEADER + header || data > file.length()) {
      throw broken("its pixels are said to start at %,d".formatted(data));
    }
    boolean runs = coding == RUNS_8 || coding == RUNS_4;
    long stride = ((long) width * depth + 31) / 32 * 4;
    if (!runs) {
      // The padding behind the very last pixel may be missing.
      file.require(data, stride * (height - 1) + ((long) width * depth + 7) / 8);
    }
    byte[] out = new byte[width * height * 3];
    if (runs) {
      paintRuns((int) data, out);
    } else {
      for (int y = 0; y < height; y++) {
        deadline.check();
        paintRow((int) (data + y * stride), out, row(y));
      }
    }
    return new RgbImage(width, height, out);
  }

  /** Where a row starts; rows are stored from the bottom unless the header says otherwise. */
  private int row(int y) {
    return (fromTop ? y : height - 1 - y) * width * 3;
  }

  private void paintRow(int from, byte[] out, int start) throws BrokenImageException {
    int o = start;
    for (int x = 0; x < width; x++, o += 3) {
      switch (depth) {
        case 1 -> paint(file.u8(from + x / 8) >> 7 - x % 8 & 1, out, o);
        case 4 -> paint(file.u8(from + x / 2) >> 4 - x % 2 * 4 & 15, out, o);
        case 8 -> paint(file.u8(from + x), out, o);
        case 16 -> paintBits(file.u16Little(from + 2 * x), out, o);
        case 24 -> paintBits(file.u24Little(from + 3 * x), out, o);
        default -> paintBits(file.i32Little(from + 4 * x), out, o);
      }
    }
  }

  /** An index beyond the palette is black, as in browsers. */
  private void paint(int index, byte[] out, int o) {
    if (index * 3 < palette.length) {
      System.arraycopy(palette, index * 3, out, o, 3);
    }
  }

  private void paintBits(int pixel, byte[] out, int o) {
    int alpha = channels[3].mask == 0 ? 255 : channels[3].value(pixel);
    out[o] = Colours.onWhite(channels[0].value(pixel), alpha);
    out[o + 1] = Colours.onWhite(channels[1].value(pixel), alpha);
    out[o + 2] = Colours.onWhite(channels[2].value(pixel), alpha);
  }

  /**
   * Pairs of a count and a value (at 4 bits: two values in turn); a count of 0 escapes: end of row,
   * end of picture, a jump, or that many values as they are. What is jumped over has index 0.
   */
  private void paintRuns(int from, byte[] out) throws BrokenImageException, IOException {
    for (int o = 0; o < out.length; o += 3) {
      paint(0, out, o);
    }
    int at = from;
    int x = 0;
    int y = 0;
    while (y < height) {
      deadline.check();
      int count = file.u8(at);
      int value = file.u8(at + 1);
      at += 2;
      if (count > 0) {
        for (int i = 0; i < count && x < width; i++, x++) {
          paint(nibble(value, i), out, row(y) + x * 3);
        }
      } else if (value == 0) {
        x = 0;
        y++;
      } else if (value == 1) {
        return;
      } else if (value == 2) {
        x += file.u8(at);
        y += file.u8(at + 1);
        at += 2;
      } else {
        int bytes = depth == 8 ? value : (value + 1) / 2;
        for (int i = 0; i < value && x < width; i++, x++) {
          int packed = file.u8(at + (depth == 8 ? i : i / 2));
          paint(nibble(packed, i), out, row(y) + x * 3);
        }
        at += bytes + bytes % 2;
      }
    }
  }

  private int nibble(int value, int i) {
    return depth == 8 ? value : i % 2 == 0 ? value >> 4 : value & 15;
  }

  private static BrokenImageException broken(String what) {
    return new BrokenImageException(Reason.BROKEN, "BMP: " + what);
  }
}
