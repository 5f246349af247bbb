package org.equipoise.media;

import org.equipoise.media.BrokenImageException.Reason;

/** Numbers at places of a file; beyond its end the file is cut off. */
final class Bytes {
  private final byte[] bytes;

  Bytes(byte[] bytes) {
    this.bytes = bytes;
  }

  int length() {
    return bytes.length;
  }

  byte[] array() {
    return bytes;
  }

  int u8(int at) throws BrokenImageException {
    require(at, 1);
    return bytes[at] & 0xff;
  }

  int u16(int at) throws BrokenImageException {
    require(at, 2);
    return (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
  }

  long u32(int at) throws BrokenImageException {
    require(at, 4);
    return (long) u16(at) << 16 | u16(at + 2);
  }

  int u16Little(int at) throws BrokenImageException {
    require(at, 2);
    return bytes[at] & 0xff | (bytes[at + 1] & 0xff) << 8;
  }

  int u24Little(int at) throws BrokenImageException {
    require(at, 3);
    return u16Little(at) | u8(at + 2) << 16;
  }

  long u32Little(int at) throws BrokenImageException {
    require(at, 4);
    return u16Little(at) | (long) u16Little(at + 2) << 16;
  }

  int i32Little(int at) throws BrokenImageException {
    return (int) u32Little(at);
  }

  boolean has(int at, String ascii) {
    if (at < 0 || at > bytes.length - ascii.length()) {
      return false;
    }
    for (int i = 0; i < ascii.length(); i++) {
      if ((bytes[at + i] & 0xff) != ascii.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /**
   * @throws BrokenImageException if the file ends before {@code count} bytes from {@code at} on
   */
  void require(long at, long count) throws BrokenImageException {
    if (at < 0 || count < 0 || at > bytes.length - count) {
      throw new BrokenImageException(
          Reason.TRUNCATED,
          "the file ends after %,d bytes, within something that needs %,d"
              .formatted(bytes.length, at + count));
    }
  }
}
