package org.equipoise.encoders.onnx;

import org.equipoise.core.Modality;
import org.equipoise.encoders.EncoderOptions;

/**
 * How many contents a network is given at once.
 *
 * @param budget lengths that a run may add up to
 * @param most contents of a run
 * @param threads that a run takes
 */
record BatchSize(int budget, int most, int threads) {
  /** Beyond this many tokens a run gains nothing more. */
  private static final int TOKENS = 1024;

  private static final int TEXTS = 64;
  private static final int IMAGES = 8;

  /** As asked for, or else what is usual. */
  static BatchSize of(Modality modality, boolean alone, EncoderOptions options) {
    int threads = options.threadsEach().orElse(1);
    if (alone) {
      return new BatchSize(1, 1, threads);
    }
    if (options.batchSize().isPresent()) {
      return new BatchSize(Integer.MAX_VALUE, options.batchSize().getAsInt(), threads);
    }
    return modality == Modality.TEXT
        ? new BatchSize(TOKENS, TEXTS, threads)
        : new BatchSize(IMAGES, IMAGES, threads);
  }

  /** For contents of that length. */
  int of(int length) {
    return Math.max(1, Math.min(most, budget / length));
  }
}
