package org.equipoise.encoders;

import java.util.List;
import org.equipoise.core.features.EncoderInfo;

/**
 * A frozen function from one modality's contents to features, opened for one {@link
 * org.equipoise.core.Form}. The features of a content never depend on what else is in its batch.
 * Safe for several threads, each with a batch of its own; a call computes on the calling thread
 * unless the encoder was told to use threads of its own.
 */
public interface Encoder extends AutoCloseable {
  /** View, name, hash and settings, for the record. */
  EncoderInfo info();

  /** How many contents it likes to be given at once; 1 where batches gain nothing. */
  default int batchSize() {
    return 1;
  }

  /**
   * Encodes contents of the view's modality.
   *
   * @param batch at least one; the caller sorts them so that lengths are alike
   * @return for each content its features {@code [T, d]}, in order; {@code T} may differ, is at
   *     least 1 and at most {@code info().tokens()}
   */
  List<Encoding> encode(List<Content> batch);

  /** Releases native memory. */
  @Override
  void close();
}
