package org.equipoise.systems.bmr;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Texts and images of one batch, as many that were posted together as were not.
 *
 * @param texts places of the posts that the texts are from
 * @param images places of the posts that the images are from
 * @param mismatched 1 where text and image were not posted together
 */
record Pairs(long[] texts, long[] images, long[] mismatched) {

  /**
   * Draws pairs. A text meets the image of a post of another event, or, where an event is not
   * known, of any post with another image; the same picture never counts as mismatched.
   *
   * @param posts places of those that have text and image
   * @param events by post of the batch; −1 for none; empty where none is known
   * @param pictures by post of the batch, numbers that tell images apart
   * @return empty where no text finds an image to mismatch
   */
  static Optional<Pairs> draw(
      int[] posts, Optional<long[]> events, float[][] pictures, SplittableRandom random) {
    int[] order = posts.clone();
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
    List<long[]> rows = new ArrayList<>();
    List<Integer> rest = new ArrayList<>();
    for (int post : order) {
      int[] others =
          rows.size() < order.length / 2
              ? IntStream.of(posts).filter(o -> differ(post, o, events, pictures)).toArray()
              : new int[0];
      if (others.length > 0) {
        rows.add(new long[] {post, others[random.nextInt(others.length)], 1});
      } else {
        rest.add(post);
      }
    }
    if (rows.isEmpty()) {
      return Optional.empty();
    }
    int wanted = rows.size();
    rest.stream().limit(wanted).forEach(post -> rows.add(new long[] {post, post, 0}));
    return Optional.of(new Pairs(column(rows, 0), column(rows, 1), column(rows, 2)));
  }

  private static boolean differ(int one, int other, Optional<long[]> events, float[][] pictures) {
    boolean sameEvent =
        events.isPresent() && events.get()[one] >= 0 && events.get()[one] == events.get()[other];
    return one != other && !sameEvent && !alike(pictures[one], pictures[other]);
  }

  private static boolean alike(float[] one, float[] other) {
    // the engine may round the same image's numbers differently from row to row
    return IntStream.range(0, one.length)
        .allMatch(i -> Math.abs(one[i] - other[i]) <= 1e-5f * Math.max(1, Math.abs(one[i])));
  }

  private static long[] column(List<long[]> rows, int column) {
    return rows.stream().mapToLong(row -> row[column]).toArray();
  }
}
