package org.equipoise.media;

import java.io.IOException;
import java.util.Arrays;
import org.equipoise.media.BrokenImageException.Reason;

/**
 * The first frame of a GIF, on its screen, transparency and what the frame leaves free being white.
 *
 * <p>Own code: the JDK's decoder returns half a frame for a file that is cut off, fails on valid
 * files that let the code table fill up, and does not place the frame on the screen.
 */
final class GifDecoder {
  private static final int EXTENSION = 0x21;
  private static final int IMAGE = 0x2c;
  private static final int GRAPHIC_CONTROL = 0xf9;
  private static final int MOST_CODES = 4096;
  private static final int[] STARTS = {0, 4, 2, 1};
  private static final int[] STEPS = {8, 8, 4, 2};

  private final Bytes file;
  private final Deadline deadline;
  private int transparent = -1;

  private GifDecoder(Bytes file, Deadline deadline) {
    this.file = file;
    this.deadline = deadline;
  }

  static RgbImage decode(Bytes file, ImageLimits limits, Deadline deadline)
      throws BrokenImageException, IOException {
    return new GifDecoder(file, deadline).decode(limits);
  }

  private RgbImage decode(ImageLimits limits) throws BrokenImageException, IOException {
    int flags = file.u8(10);
    int at = 13;
    byte[] globalColours = colours(flags, at);
    at = frame(at + globalColours.length);

    int left = file.u16Little(at + 1);
    int top = file.u16Little(at + 3);
    int width = file.u16Little(at + 5);
    int height = file.u16Little(at + 7);
    int frameFlags = file.u8(at + 9);
    limits.check(width, height);
    int screenWidth = Math.max(file.u16Little(6), left + width);
    int screenHeight = Math.max(file.u16Little(8), top + height);
    limits.check(screenWidth, screenHeight);
    byte[] localColours = colours(frameFlags, at + 10);
    byte[] table = localColours.length > 0 ? localColours : globalColours;
    if (table.length == 0) {
      table = grays();
    }

    byte[] indices = unpack(at + 10 + localColours.length, width * height);
    byte[] pixels = new byte[screenWidth * screenHeight * 3];
    Arrays.fill(pixels, (byte) 255);
    boolean interlaced = (frameFlags & 0x40) != 0;
    int in = 0;
    for (int pass = interlaced ? 0 : 3; pass < 4; pass++) {
      int start = interlaced ? STARTS[pass] : 0;
      int step = interlaced ? STEPS[pass] : 1;
      for (int y = start; y < height; y += step, in += width) {
        paint(indices, in, width, table, pixels, ((top + y) * screenWidth + left) * 3);
      }
    }
    return new RgbImage(screenWidth, screenHeight, pixels);
  }

  private void paint(byte[] indices, int from, int count, byte[] table, byte[] out, int at) {
    int o = at;
    for (int i = from; i < from + count; i++, o += 3) {
      int index = indices[i] & 0xff;
      if (index != transparent) {
        int colour = index * 3;
        boolean known = colour < table.length;
        out[o] = known ? table[colour] : 0;
        out[o + 1] = known ? table[colour + 1] : 0;
        out[o + 2] = known ? table[colour + 2] : 0;
      }
    }
  }

  private byte[] colours(int flags, int at) throws BrokenImageException {
    if ((flags & 0x80) == 0) {
      return new byte[0];
    }
    int length = 3 << ((flags & 7) + 1);
    file.require(at, length);
    return Arrays.copyOfRange(file.array(), at, at + length);
  }

  private static byte[] grays() {
    byte[] table = new byte[3 * 256];
    for (int i = 0; i < table.length; i++) {
      table[i] = (byte) (i / 3);
    }
    return table;
  }

  /** Passes the extensions and returns where the first frame's descriptor is. */
  private int frame(int from) throws BrokenImageException, IOException {
    int at = from;
    while (true) {
      int kind = file.u8(at);
      if (kind == IMAGE) {
        return at;
      }
      if (kind == EXTENSION) {
        if (file.u8(at + 1) == GRAPHIC_CONTROL && file.u8(at + 2) >= 4) {
          transparent = (file.u8(at + 3) & 1) != 0 ? file.u8(at + 6) : -1;
        }
        at = afterBlocks(at + 2);
      } else if (kind == 0) {
        // Some writers leave a terminator too many between blocks.
        at++;
      } else {
        throw new BrokenImageException(
            Reason.BROKEN, "GIF: no frame; a block of kind %d at %,d instead".formatted(kind, at));
      }
    }
  }

  private int afterBlocks(int from) throws BrokenImageException, IOException {
    deadline.check();
    int at = from;
    while (file.u8(at) != 0) {
      at += 1 + file.u8(at);
    }
    return at + 1;
  }

  /** LZW with codes of growing length, lowest bit first, in blocks of at most 255 bytes. */
  private byte[] unpack(int from, int count) throws BrokenImageException, IOException {
    int rootBits = file.u8(from);
    if (rootBits < 1 || rootBits > 8) {
      throw new BrokenImageException(Reason.BROKEN, "GIF: codes of %d bits".formatted(rootBits));
    }
    int clear = 1 << rootBits;
    int end = clear + 1;
    int next = clear + 2;
    int codeBits = rootBits + 1;
    // A code is a shorter code and one more value: its string is unrolled from its end.
    short[] prefixes = new short[MOST_CODES];
    byte[] lasts = new byte[MOST_CODES];
    int[] lengths = new int[MOST_CODES];
    for (int i = 0; i < clear; i++) {
      lasts[i] = (byte) i;
      lengths[i] = 1;
    }
    byte[] out = new byte[count];
    int written = 0;
    int previous = -1;
    int bits = 0;
    int pending = 0;
    int at = from + 1;
    int blockEnd = at;
    while (written < count) {
      while (bits < codeBits) {
        if (at == blockEnd) {
          deadline.check();
          int block = file.u8(at++);
          if (block == 0) {
            throw cutOff(written, count);
          }
          file.require(at, block);
          blockEnd = at + block;
        }
        pending |= file.u8(at++) << bits;
        bits += 8;
      }
      int code = pending & (1 << codeBits) - 1;
      pending >>>= codeBits;
      bits -= codeBits;
      if (code == clear) {
        next = clear + 2;
        codeBits = rootBits + 1;
        previous = -1;
        continue;
      }
      if (code == end) {
        throw cutOff(written, count);
      }
      boolean isNext = code == next && previous >= 0 && next < MOST_CODES;
      if (code > next || code == next && !isNext || previous < 0 && code >= clear) {
        throw new BrokenImageException(
            Reason.BROKEN, "GIF: code %d where only %d exist".formatted(code, next));
      }
      int string = isNext ? previous : code;
      int length = lengths[string];
      int unrolled = string;
      for (int i = written + length - 1; i >= written; i--) {
        if (i < count) {
          out[i] = lasts[unrolled];
        }
        if (i > written) {
          unrolled = prefixes[unrolled];
        }
      }
      byte first = lasts[unrolled];
      written += length;
      if (isNext) {
        if (written < count) {
          out[written] = first;
        }
        written++;
      }
      if (previous >= 0 && next < MOST_CODES) {
        prefixes[next] = (short) previous;
        lasts[next] = first;
        lengths[next] = lengths[previous] + 1;
        next++;
        if (next == 1 << codeBits && codeBits < 12) {
          codeBits++;
        }
      }
      previous = code;
    }
    return out;
  }

  private static BrokenImageException cutOff(int written, int count) {
    return new BrokenImageException(
        Reason.TRUNCATED, "GIF: the frame ends after %,d of %,d pixels".formatted(written, count));
  }
}
