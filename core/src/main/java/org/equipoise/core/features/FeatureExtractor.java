package org.equipoise.core.features;

import java.util.List;
import org.equipoise.core.Post;

/**
 * Turns posts into features with a fixed set of encoders. A post's features never depend on which
 * posts are given with it. Not safe for several threads; it works with as many as it was opened
 * with.
 */
public interface FeatureExtractor extends AutoCloseable {
  /** How this extractor works, for the record. */
  FeatureSpec spec();

  /**
   * One result for each post, in order. A post that cannot be used has a reason, never an
   * exception.
   */
  List<ExtractedPost> extract(List<Post> posts);

  @Override
  void close();
}
