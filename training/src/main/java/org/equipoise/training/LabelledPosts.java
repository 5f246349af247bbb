package org.equipoise.training;

import java.util.Arrays;
import org.equipoise.core.features.FeatureSource;

/**
 * Posts that a trainer may see: their features and classes.
 *
 * @param features one row a post
 * @param labels class numbers, one for each row
 */
public record LabelledPosts(FeatureSource features, int[] labels) {
  public LabelledPosts {
    if (labels.length != features.size()) {
      throw new IllegalArgumentException(
          labels.length + " labels for " + features.size() + " posts");
    }
  }

  /** How many posts. */
  public int size() {
    return labels.length;
  }

  /** The class numbers of some rows. */
  public long[] labels(int[] rows) {
    return Arrays.stream(rows).mapToLong(row -> labels[row]).toArray();
  }
}
