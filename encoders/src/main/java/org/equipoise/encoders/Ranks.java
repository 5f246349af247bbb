package org.equipoise.encoders;

/**
 * Whose turn it is within a window. Images that are ready come first, because they hold much
 * memory, then what makes new ones ready; texts, which wait for nothing once prepared, fill
 * whatever thread is free.
 */
enum Ranks {
  ENCODE_IMAGES,
  PREPARE_TEXTS,
  DECODE_IMAGES,
  ENCODE_TEXTS;

  Workers.Turn in(long window) {
    return new Workers.Turn(window, ordinal());
  }
}
