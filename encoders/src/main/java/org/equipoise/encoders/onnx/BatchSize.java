package org.equipoise.encoders.onnx;

import java.util.ArrayList;
import java.util.List;
import org.equipoise.core.Modality;
import org.equipoise.encoders.EncoderOptions;

/**
 * How many contents a network is given at once.
 *
 * @param budget lengths that a run may add up to
 * @param most contents of a run
 * @param multiple runs hold a multiple of so many contents
 * @param threads that a run takes
 */
record BatchSize(int budget, int most, int multiple, int threads) {
  /**
   * Tokens of a run. Fewer leave the matrix products too flat; with more, what a layer hands to the
   * next leaves the cache near the core. From 256 to 1,024 the rate differs by a few per cent.
   */
  private static final int TOKENS = 512;

  private static final int TEXTS = 64;
  private static final int IMAGES = 8;

  /** One content at a time. */
  static BatchSize alone(int threads) {
    return new BatchSize(1, 1, 1, threads);
  }

  /** As asked for, or else what is usual. */
  static BatchSize of(Modality modality, int multiple, EncoderOptions options) {
    int threads = options.threadsEach().orElse(1);
    if (options.batchSize().isPresent()) {
      return new BatchSize(Integer.MAX_VALUE, options.batchSize().getAsInt(), multiple, threads);
    }
    return modality == Modality.TEXT
        ? new BatchSize(TOKENS, TEXTS, multiple, threads)
        : new BatchSize(IMAGES, IMAGES, multiple, threads);
  }

  /** For contents of that length. */
  int of(int length) {
    int contents = Math.max(1, Math.min(most, budget / length));
    return Math.max(Math.min(multiple, most), contents - contents % multiple);
  }

  /** A batch with its last content repeated until it is a multiple. */
  <T> List<T> filled(List<T> batch) {
    if (batch.size() % multiple == 0) {
      return batch;
    }
    List<T> filled = new ArrayList<>(batch);
    while (filled.size() % multiple != 0) {
      filled.add(batch.get(batch.size() - 1));
    }
    return filled;
  }
}
