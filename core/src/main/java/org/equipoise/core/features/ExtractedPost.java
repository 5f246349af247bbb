package org.equipoise.core.features;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.equipoise.core.SkippedPost;

/**
 * A post's features, or the reason why it has none.
 *
 * @param id the post's id
 * @param views by view name; a view that the post lacks is left out
 * @param skipped the reason, where no view could be had
 */
public record ExtractedPost(String id, Map<String, Features> views, Optional<SkippedPost> skipped) {
  public ExtractedPost {
    views = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(views));
  }
}
