package org.equipoise.media;

/** How the channels of a file become red, green and blue, in whole numbers. */
final class Colours {
  private Colours() {}

  /** A channel seen through its alpha on white, both 0 to 255. */
  static byte onWhite(int value, int alpha) {
    return (byte) ((value * alpha + 255 * (255 - alpha) + 127) / 255);
  }

  /** What is left of white light under an ink and black, both from 0 (none) to 255. */
  static byte underInk(int ink, int black) {
    int white = 255 - black;
    return (byte) (white - (ink * white + 127) / 255);
  }
}
