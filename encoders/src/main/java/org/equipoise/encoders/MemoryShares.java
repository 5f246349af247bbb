package org.equipoise.encoders;

import org.equipoise.core.Form;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.core.features.FeatureSpec;

/**
 * Who may take how much of the memory that encoders are allowed.
 *
 * @param texts bytes of remembered features of texts
 * @param images bytes of remembered features of images
 * @param waitingFeatures bytes of features of one window of posts; two are under way
 * @param waitingImages bytes of files read ahead and of prepared images
 */
record MemoryShares(long texts, long images, long waitingFeatures, long waitingImages) {
  private static final int OF_HEAP = 4;
  private static final int QUARTERS = 4;
  private static final int WINDOWS = 2;

  /** More would hardly fill batches better, and would lose more when the process is killed. */
  private static final int MOST_POSTS = 2048;

  private static final int FEWEST_POSTS = 16;

  /** A post with its text, and the objects around its features. */
  private static final int POST_OVERHEAD = 2048;

  static MemoryShares of(EncoderOptions options) {
    long all = options.memory().orElse(Runtime.getRuntime().maxMemory() / OF_HEAP);
    long quarter = all / QUARTERS;
    return new MemoryShares(quarter, quarter, quarter / WINDOWS, quarter);
  }

  /** How many posts make a window. */
  int windowPosts(FeatureSpec spec) {
    long bytes = POST_OVERHEAD;
    for (EncoderInfo encoder : spec.encoders()) {
      long tokens = spec.form() == Form.POOLED ? 1 : encoder.tokens();
      bytes += tokens * encoder.view().width() * Float.BYTES;
    }
    return (int) Math.max(FEWEST_POSTS, Math.min(MOST_POSTS, waitingFeatures / bytes));
  }
}
