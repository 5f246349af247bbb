package org.equipoise.encoders;

/**
 * A content made ready for one encoder: its tokens, or its pixels as the network takes them. It
 * holds no native memory.
 */
public interface Prepared {
  /**
   * How long it is, in the encoder's own measure, such as tokens. A batch holds contents of one
   * length, so that nothing is padded for a neighbour's sake.
   */
  default int length() {
    return 1;
  }
}
