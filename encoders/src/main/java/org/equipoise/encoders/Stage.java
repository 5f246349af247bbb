package org.equipoise.encoders;

import java.util.Locale;

/** A stage of the way from posts to a feature store. */
public enum Stage {
  /** Reads image files, on threads of its own. */
  READ,
  /** Takes files' hashes. */
  HASH,
  /** Decodes images. */
  DECODE,
  /** Tokenises texts, resizes images: once for each view. */
  PREPARE,
  /** Runs the networks, or whatever else makes features. */
  INFER,
  /** Writes shards, on the thread that handed the posts over. */
  WRITE;

  /**
   * How many threads work in it at most.
   *
   * @param computing the threads that the encoders were opened with
   */
  public int threads(int computing) {
    return switch (this) {
      case READ -> PostImages.READERS;
      case WRITE -> 1;
      case HASH, DECODE, PREPARE, INFER -> computing;
    };
  }

  /** The name in JSON. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
