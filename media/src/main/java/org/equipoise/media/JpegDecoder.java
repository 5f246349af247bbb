package org.equipoise.media;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.equipoise.media.BrokenImageException.Reason;

/**
 * JPEG by the JDK's libjpeg, from a file that is first reduced to what its pixels need.
 *
 * <p>Profiles, thumbnails, comments and everything behind the picture's end are left out: a profile
 * would be applied, and metadata may be long. Which colours the components are is decided here, as
 * libjpeg does, and said by one marker: the JDK decides otherwise where JFIF's marker is missing.
 */
final class JpegDecoder {
  private static final int SOI = 0xd8;
  private static final int EOI = 0xd9;
  private static final int SOS = 0xda;
  private static final int DQT = 0xdb;
  private static final int DHT = 0xc4;
  private static final int DRI = 0xdd;
  private static final int APP0 = 0xe0;
  private static final int APP1 = 0xe1;
  private static final int APP14 = 0xee;

  private static final byte[] JFIF = {
    (byte) 0xff, (byte) APP0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0
  };

  /** libjpeg's coefficients of YCbCr, in 65,536ths. */
  private static final int RED_FROM_CR = 91_881;

  private static final int GREEN_FROM_CB = 22_554;
  private static final int GREEN_FROM_CR = 46_802;
  private static final int BLUE_FROM_CB = 116_130;
  private static final int HALF = 1 << 15;

  private final Bytes file;
  private final ByteArrayOutputStream tables = new ByteArrayOutputStream();
  private Orientation orientation = Orientation.UPRIGHT;
  private boolean jfif;
  private int adobeTransform = -1;
  private int width;
  private int height;
  private int components;
  private boolean namedRgb;

  private JpegDecoder(Bytes file) {
    this.file = file;
  }

  static RgbImage decode(Bytes file, ImageLimits limits, Deadline deadline)
      throws BrokenImageException, IOException {
    return new JpegDecoder(file).decode(limits, deadline);
  }

  private RgbImage decode(ImageLimits limits, Deadline deadline)
      throws BrokenImageException, IOException {
    int scans = readHeader(limits);
    int end = endOfPicture(scans);
    byte[] reduced = reduced(scans, end);
    // Gray stays luminance and inks stay inks; only YCbCr is turned into colours by the decoder.
    PlatformReader.Samples samples =
        components == 3
            ? PlatformReader.JPEG.readRgb(reduced, width, height, deadline)
            : PlatformReader.JPEG.readStored(reduced, deadline);
    if (samples.warning().isPresent() && !harmless(samples.warning().get())) {
      throw new BrokenImageException(Reason.BROKEN, "JPEG: " + samples.warning().get());
    }
    return orientation.apply(
        switch (components) {
          case 1 ->
              PlatformReader.convert(
                  samples.raster(),
                  (gray, i, out, o) -> {
                    out[o] = (byte) gray[i];
                    out[o + 1] = (byte) gray[i];
                    out[o + 2] = (byte) gray[i];
                  });
          case 3 -> PlatformReader.rgb(samples.raster());
          default -> fromInks(samples);
        });
  }

  /**
   * Adobe's marker means inks stored inverted: what is stored for black is the light it lets
   * through. With its transform 2, YCbCr stands for the complements of the stored cyan, magenta and
   * yellow, that is for the inks themselves.
   */
  private RgbImage fromInks(PlatformReader.Samples samples) {
    boolean inverted = adobeTransform >= 0;
    boolean luminance = adobeTransform > 0;
    return PlatformReader.convert(
        samples.raster(),
        (stored, i, out, o) -> {
          int cyan = stored[i];
          int magenta = stored[i + 1];
          int yellow = stored[i + 2];
          if (luminance) {
            int y = stored[i];
            int cb = stored[i + 1] - 128;
            int cr = stored[i + 2] - 128;
            cyan = clip(y + (RED_FROM_CR * cr + HALF >> 16));
            magenta = clip(y + (-GREEN_FROM_CB * cb - GREEN_FROM_CR * cr + HALF >> 16));
            yellow = clip(y + (BLUE_FROM_CB * cb + HALF >> 16));
          } else if (inverted) {
            cyan = 255 - cyan;
            magenta = 255 - magenta;
            yellow = 255 - yellow;
          }
          int black = inverted ? 255 - stored[i + 3] : stored[i + 3];
          out[o] = Colours.underInk(cyan, black);
          out[o + 1] = Colours.underInk(magenta, black);
          out[o + 2] = Colours.underInk(yellow, black);
        });
  }

  private static int clip(int value) {
    return Math.max(0, Math.min(255, value));
  }

  /** Walks the segments before the first scan and returns where that starts. */
  private int readHeader(ImageLimits limits) throws BrokenImageException {
    int at = 2;
    while (true) {
      at = nextMarker(at);
      int marker = file.u8(at + 1);
      if (marker == EOI) {
        throw new BrokenImageException(Reason.BROKEN, "JPEG without a picture: only headers");
      }
      if (standsAlone(marker)) {
        at += 2;
        continue;
      }
      int length = segmentLength(at);
      if (marker == SOS) {
        if (components == 0) {
          throw new BrokenImageException(Reason.BROKEN, "JPEG: a scan before the frame's header");
        }
        return at;
      }
      readSegment(marker, at, length, limits);
      at += 2 + length;
    }
  }

  private void readSegment(int marker, int at, int length, ImageLimits limits)
      throws BrokenImageException {
    int content = at + 4;
    switch (marker) {
      case DQT, DHT, DRI -> tables.write(file.array(), at, 2 + length);
      case APP0 -> jfif |= file.has(content, "JFIF\0");
      case APP1 -> {
        if (orientation.equals(Orientation.UPRIGHT) && file.has(content, "Exif\0\0")) {
          orientation = Orientation.ofExif(file.array(), content + 6, at + 2 + length);
        }
      }
      case APP14 -> {
        if (length >= 14 && file.has(content, "Adobe")) {
          adobeTransform = file.u8(content + 11);
        }
      }
      default -> {
        if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc8 && marker != 0xcc) {
          readFrame(marker, at, length, limits);
        }
      }
    }
  }

  private void readFrame(int marker, int at, int length, ImageLimits limits)
      throws BrokenImageException {
    if (components != 0) {
      throw new BrokenImageException(Reason.BROKEN, "JPEG: two frame headers");
    }
    int precision = file.u8(at + 4);
    height = file.u16(at + 5);
    width = file.u16(at + 7);
    int count = file.u8(at + 9);
    if (marker > 0xc2 || precision != 8) {
      throw new BrokenImageException(
          Reason.BROKEN,
          "JPEG of a kind that is not read: process %d, %d bits (read are baseline, extended and progressive of 8 bits)"
              .formatted(marker - 0xc0, precision));
    }
    if (count != 1 && count != 3 && count != 4 || length != 8 + 3 * count) {
      throw new BrokenImageException(
          Reason.BROKEN,
          "JPEG: a frame header of %d bytes for %d components".formatted(length, count));
    }
    limits.check(width, height);
    components = count;
    namedRgb =
        count == 3 && file.u8(at + 10) == 'R' && file.u8(at + 13) == 'G' && file.u8(at + 16) == 'B';
    tables.write(file.array(), at, 2 + length);
  }

  /** Finds the end of the picture, past all scans: what follows belongs to no picture. */
  private int endOfPicture(int firstScan) throws BrokenImageException {
    byte[] bytes = file.array();
    int at = firstScan;
    while (at < bytes.length - 1) {
      int marker = bytes[at + 1] & 0xff;
      if ((bytes[at] & 0xff) != 0xff || marker == 0 || marker == 0xff) {
        at++;
      } else if (marker == EOI) {
        return at + 2;
      } else if (standsAlone(marker)) {
        at += 2;
      } else {
        at += 2 + segmentLength(at);
      }
    }
    throw new BrokenImageException(
        Reason.TRUNCATED,
        "JPEG: the file ends within the picture, after %,d bytes".formatted(bytes.length));
  }

  private byte[] reduced(int scans, int end) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(tables.size() + end - scans + 32);
    out.write(0xff);
    out.write(SOI);
    if (components == 3) {
      boolean luminance = jfif || (adobeTransform >= 0 ? adobeTransform != 0 : !namedRgb);
      if (luminance) {
        out.writeBytes(JFIF);
      } else {
        out.writeBytes(adobe(0));
      }
    } else if (components == 4 && adobeTransform >= 0) {
      out.writeBytes(adobe(adobeTransform == 0 ? 0 : 2));
    }
    out.writeBytes(tables.toByteArray());
    out.write(file.array(), scans, end - scans);
    return out.toByteArray();
  }

  private static byte[] adobe(int transform) {
    return new byte[] {
      (byte) 0xff,
      (byte) APP14,
      0,
      14,
      'A',
      'd',
      'o',
      'b',
      'e',
      0,
      100,
      0,
      0,
      0,
      0,
      (byte) transform
    };
  }

  private int nextMarker(int from) throws BrokenImageException {
    int at = from;
    while (file.u8(at) != 0xff || file.u8(at + 1) == 0xff || file.u8(at + 1) == 0) {
      at++;
    }
    return at;
  }

  private int segmentLength(int at) throws BrokenImageException {
    int length = file.u16(at + 2);
    if (length < 2) {
      throw new BrokenImageException(
          Reason.BROKEN, "JPEG: a segment of %d bytes at %,d".formatted(length, at));
    }
    file.require(at + 2, length);
    return length;
  }

  private static boolean standsAlone(int marker) {
    return marker >= 0xd0 && marker <= SOI || marker == 1;
  }

  /**
   * Bytes between segments, and scan parameters that a baseline file should not have, leave the
   * picture whole. Everything else that libjpeg warns of means lost pixels.
   */
  private static boolean harmless(String warning) {
    return warning.contains("extraneous bytes before marker")
        || warning.startsWith("Invalid SOS parameters");
  }
}
