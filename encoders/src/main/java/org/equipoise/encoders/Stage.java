package org.equipoise.encoders;

import java.util.Locale;

/** A stage of the way from posts to a feature store. */
public enum Stage {
  /** Reads image files and takes their hash. */
  READ,
  /** Decodes images. */
  DECODE,
  /** Tokenises texts, resizes images: once for each view. */
  PREPARE,
  /** Runs the networks, or whatever else makes features. */
  INFER,
  /** Writes shards. */
  WRITE;

  /** The name in JSON. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
