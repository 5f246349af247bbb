package org.equipoise.training;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.features.FeatureBatch.ViewBatch;

/**
 * Events for data that names none: clusters of the training posts' texts, as EANN's authors make
 * them for Weibo. A cluster's posts read alike, which is what its discriminator is to forget.
 */
public final class PseudoEvents {
  private static final int BATCH = 256;

  private PseudoEvents() {}

  /**
   * The same posts with events, numbered in the order in which they first appear. Posts that lack
   * the text have none.
   *
   * @param posts training posts and no others
   * @param count how many events at most
   */
  public static LabelledPosts of(LabelledPosts posts, int count, long seed) {
    List<View> views = posts.features().views();
    View view =
        views.stream()
            .min(
                Comparator.comparing((View candidate) -> candidate.modality() != Modality.TEXT)
                    .thenComparing(View::kind))
            .orElseThrow();
    double[][] means = means(posts.only(List.of(view)));
    int[] there = IntStream.range(0, means.length).filter(i -> means[i].length > 0).toArray();
    int[] clusters =
        there.length == 0
            ? new int[0]
            : KMeans.of(
                Arrays.stream(there).mapToObj(i -> means[i]).toArray(double[][]::new), count, seed);
    Map<Integer, Integer> numbers = new HashMap<>();
    int[] events = new int[posts.size()];
    Arrays.fill(events, -1);
    for (int i = 0; i < there.length; i++) {
      events[there[i]] = numbers.computeIfAbsent(clusters[i], c -> numbers.size());
    }
    return posts.withEvents(events);
  }

  /** The mean over the tokens of the only view; empty for a post that lacks it. */
  private static double[][] means(LabelledPosts posts) {
    double[][] means = new double[posts.size()][];
    for (int from = 0; from < posts.size(); from += BATCH) {
      int[] rows = IntStream.range(from, Math.min(from + BATCH, posts.size())).toArray();
      ViewBatch batch = posts.features().batch(rows).views().get(0);
      for (int i = 0; i < rows.length; i++) {
        means[from + i] = mean(batch, i);
      }
    }
    return means;
  }

  private static double[] mean(ViewBatch batch, int post) {
    int width = batch.view().width();
    double[] mean = new double[width];
    int tokens = 0;
    for (int t = post * batch.tokens(); t < (post + 1) * batch.tokens(); t++) {
      if (batch.mask()[t] != 0) {
        for (int d = 0; d < width; d++) {
          mean[d] += batch.values()[t * width + d];
        }
        tokens++;
      }
    }
    if (tokens == 0) {
      return new double[0];
    }
    for (int d = 0; d < width; d++) {
      mean[d] /= tokens;
    }
    return mean;
  }
}
