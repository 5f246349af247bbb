package org.equipoise.media;

/**
 * A PDQ hash: 256 bits and a quality.
 *
 * @param bits0 bits 0 to 63; bit {@code 16·i + j} says whether the DCT's frequency {@code (i + 1, j
 *     + 1)} (vertical, horizontal) is above the median
 * @param bits1 bits 64 to 127
 * @param bits2 bits 128 to 191
 * @param bits3 bits 192 to 255
 * @param quality 0 to 100: how much structure the hash could rest on
 */
public record PdqHash(long bits0, long bits1, long bits2, long bits3, int quality) {
  /** The largest distance at which two images are near-duplicates. */
  public static final int NEAR_DUPLICATE = 31;

  /** The least quality at which a hash says anything. */
  public static final int COMPARABLE_QUALITY = 50;

  /**
   * @throws IllegalArgumentException if the quality is not within 0 to 100
   */
  public PdqHash {
    if (quality < 0 || quality > 100) {
      throw new IllegalArgumentException("a quality is from 0 to 100, not " + quality);
    }
  }

  /**
   * The hash of a text as {@link #toString()} writes it.
   *
   * @throws IllegalArgumentException if it is not 64 hexadecimal digits
   */
  public static PdqHash parse(String hex, int quality) {
    if (!hex.matches("[0-9a-fA-F]{64}")) {
      throw new IllegalArgumentException("a PDQ hash is 64 hexadecimal digits, not '" + hex + "'");
    }
    return new PdqHash(
        Long.parseUnsignedLong(hex.substring(48), 16),
        Long.parseUnsignedLong(hex.substring(32, 48), 16),
        Long.parseUnsignedLong(hex.substring(16, 32), 16),
        Long.parseUnsignedLong(hex.substring(0, 16), 16),
        quality);
  }

  /** The Hamming distance, 0 to 256. */
  public int distance(PdqHash other) {
    return Long.bitCount(bits0 ^ other.bits0)
        + Long.bitCount(bits1 ^ other.bits1)
        + Long.bitCount(bits2 ^ other.bits2)
        + Long.bitCount(bits3 ^ other.bits3);
  }

  /** Whether the image had enough structure for its hash to be compared with others. */
  public boolean comparable() {
    return quality >= COMPARABLE_QUALITY;
  }

  /** Whether both hashes can be compared and lie within {@link #NEAR_DUPLICATE}. */
  public boolean nearDuplicateOf(PdqHash other) {
    return comparable() && other.comparable() && distance(other) <= NEAR_DUPLICATE;
  }

  /** The bits as 64 hexadecimal digits, bit 255 first, as published hash lists write them. */
  @Override
  public String toString() {
    return "%016x%016x%016x%016x".formatted(bits3, bits2, bits1, bits0);
  }
}
