package org.equipoise.core.features;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.equipoise.core.SkippedPost;

/**
 * A post's features, or the reason why it has none.
 *
 * @param id the post's id
 * @param views by view name; a view that the post lacks is left out
 * @param truncated names of the views for which the post was longer than the encoder reads
 * @param skipped the reason, where no view could be had
 */
public record ExtractedPost(
    String id, Map<String, Features> views, Set<String> truncated, Optional<SkippedPost> skipped) {
  public ExtractedPost {
    views = Collections.unmodifiableMap(new LinkedHashMap<>(views));
    truncated = Collections.unmodifiableSet(new TreeSet<>(truncated));
  }

  /** A post that was read to its end. */
  public ExtractedPost(String id, Map<String, Features> views, Optional<SkippedPost> skipped) {
    this(id, views, Set.of(), skipped);
  }
}
