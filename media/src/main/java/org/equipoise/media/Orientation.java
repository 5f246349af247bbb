package org.equipoise.media;

/**
 * How a picture must be turned to be seen upright: EXIF's orientation, 1 to 8.
 *
 * @param value as EXIF numbers them; 1 is upright
 */
record Orientation(int value) {
  static final Orientation UPRIGHT = new Orientation(1);

  private static final int TAG = 0x0112;
  private static final int SHORT = 3;
  private static final int LONG = 4;

  /**
   * Reads EXIF data: a TIFF header and its first directory. Metadata that makes no sense does not
   * make a picture unreadable: it is upright then.
   *
   * @param from where the TIFF header starts
   * @param end behind the last byte
   */
  static Orientation ofExif(byte[] bytes, int from, int end) {
    if (from < 0 || end > bytes.length || end - from < 8) {
      return UPRIGHT;
    }
    boolean little = bytes[from] == 'I';
    long directory = from + number(bytes, from + 4, 4, little);
    if (directory > end - 2) {
      return UPRIGHT;
    }
    long entry = directory + 2;
    long entries = number(bytes, (int) directory, 2, little);
    for (int i = 0; i < entries && entry <= end - 12; i++, entry += 12) {
      if (number(bytes, (int) entry, 2, little) == TAG) {
        long type = number(bytes, (int) entry + 2, 2, little);
        long value = number(bytes, (int) entry + 8, type == LONG ? 4 : 2, little);
        boolean known = (type == SHORT || type == LONG) && value >= 1 && value <= 8;
        return known ? new Orientation((int) value) : UPRIGHT;
      }
    }
    return UPRIGHT;
  }

  private static long number(byte[] bytes, int at, int length, boolean little) {
    long number = 0;
    for (int i = 0; i < length; i++) {
      number = number << 8 | bytes[little ? at + length - 1 - i : at + i] & 0xff;
    }
    return number;
  }

  RgbImage apply(RgbImage image) {
    if (value == 1) {
      return image;
    }
    int width = image.width();
    int height = image.height();
    boolean transposed = value >= 5;
    boolean fromRight = value == 2 || value == 3 || value == 7 || value == 8;
    boolean fromBottom = value == 3 || value == 4 || value == 6 || value == 7;
    byte[] in = image.pixels();
    byte[] out = new byte[in.length];
    int outWidth = transposed ? height : width;
    int outHeight = transposed ? width : height;
    int o = 0;
    for (int y = 0; y < outHeight; y++) {
      for (int x = 0; x < outWidth; x++, o += 3) {
        int column = transposed ? y : x;
        int row = transposed ? x : y;
        int i =
            ((fromBottom ? height - 1 - row : row) * width
                    + (fromRight ? width - 1 - column : column))
                * 3;
        out[o] = in[i];
        out[o + 1] = in[i + 1];
        out[o + 2] = in[i + 2];
      }
    }
    return new RgbImage(outWidth, outHeight, out);
  }
}
