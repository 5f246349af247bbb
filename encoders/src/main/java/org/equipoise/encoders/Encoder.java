package org.equipoise.encoders;

import java.util.List;
import org.equipoise.core.features.EncoderInfo;

/**
 * A frozen function from one modality's contents to features, opened for one {@link
 * org.equipoise.core.Form}. The features of a content never depend on what else is in its batch.
 * Safe for several threads, each with contents of its own.
 */
public interface Encoder extends AutoCloseable {
  /** View, name, hash and settings, for the record. */
  EncoderInfo info();

  /** How many threads one call of {@link #encode} keeps busy; {@link #prepare} takes one. */
  default int threads() {
    return 1;
  }

  /**
   * How many contents of a length it likes to be given at once; 1 where batches gain nothing.
   *
   * @param length of each, as {@link Prepared#length()} says
   */
  default int batchSize(int length) {
    return 1;
  }

  /** Tokenises a text, resizes an image: all that can be done before the network runs. */
  default Prepared prepare(Content content) {
    return content;
  }

  /**
   * Encodes contents that {@link #prepare} made.
   *
   * @param batch at least one, all of the same length
   * @return for each content its features {@code [T, d]}, in order; {@code T} may differ, is at
   *     least 1 and at most {@code info().tokens()}
   */
  List<Encoding> encode(List<? extends Prepared> batch);

  /** Releases native memory. */
  @Override
  void close();
}
