package org.equipoise.encoders;

import java.util.List;
import java.util.Map;
import org.equipoise.core.Post;
import org.equipoise.core.Progress;
import org.equipoise.core.features.ExtractedPost;
import org.equipoise.core.features.FeatureExtractor;

/**
 * A feature extractor that works ahead: posts can be handed over before the features of those
 * before them are taken, so that no thread waits at the end of each lot.
 */
public interface StagedExtractor extends FeatureExtractor {
  /** Posts on their way to features. */
  interface Pending {
    /** Waits; one result for each post, in order. */
    List<ExtractedPost> await();
  }

  /**
   * How many posts it likes to be handed over at once: the more, the fuller its batches, as far as
   * memory allows. What comes of a post does not depend on it.
   */
  default int window() {
    return 256;
  }

  /**
   * Hands over posts. Two lots may be under way at once.
   *
   * @param task is told of each post that is done
   */
  default Pending start(List<Post> posts, Progress.Task task) {
    List<ExtractedPost> extracted = extract(posts);
    task.step(posts.size());
    return () -> extracted;
  }

  /** How many threads each run of a view's network takes, by view. */
  default Map<String, Integer> threadsEach() {
    return Map.of();
  }

  /** How long its threads were busy so far. */
  default StageTimes.Summary times() {
    return StageTimes.Summary.NONE;
  }
}
