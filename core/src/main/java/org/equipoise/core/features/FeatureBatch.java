package org.equipoise.core.features;

import java.util.List;
import org.equipoise.core.View;

/**
 * Features of B posts, view by view, in plain arrays.
 *
 * @param posts B
 * @param views one entry for each view, in the source's order
 */
public record FeatureBatch(int posts, List<ViewBatch> views) {
  public FeatureBatch {
    views = List.copyOf(views);
  }

  /**
   * One view of the batch.
   *
   * @param view which
   * @param tokens T, the largest number of tokens that a post of this batch has; at least 1
   * @param values {@code [B, T, d]}; zero where the mask is
   * @param mask {@code [B, T]}; 1 for a token that is there, else 0. A post without any lacks the
   *     view
   */
  public record ViewBatch(View view, int tokens, float[] values, float[] mask) {
    public ViewBatch {
      if (values.length != mask.length * view.width() || mask.length % tokens != 0) {
        throw new IllegalArgumentException(
            view.name() + ": " + values.length + " numbers for a mask of " + mask.length);
      }
    }

    /** Whether every token of every post is there, so that no mask is needed. */
    public boolean complete() {
      for (float present : mask) {
        if (present == 0) {
          return false;
        }
      }
      return true;
    }
  }
}
