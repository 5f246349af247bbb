package org.equipoise.training;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.equipoise.core.View;
import org.equipoise.core.features.FeatureSource;
import org.equipoise.core.features.SelectedFeatures;

/**
 * Posts that a trainer may see: their features and classes.
 *
 * @param features one row a post
 * @param labels class numbers, one for each row
 * @param events the numbers of the posts' events, one for each row, counted from 0 without gaps; −1
 *     for none
 */
public record LabelledPosts(FeatureSource features, int[] labels, int[] events) {
  public LabelledPosts {
    if (labels.length != features.size() || events.length != labels.length) {
      throw new IllegalArgumentException(
          "%d labels and %d events for %d posts"
              .formatted(labels.length, events.length, features.size()));
    }
  }

  /** Posts of no known events. */
  public LabelledPosts(FeatureSource features, int[] labels) {
    this(features, labels, noEvents(labels.length));
  }

  private static int[] noEvents(int posts) {
    int[] events = new int[posts];
    Arrays.fill(events, -1);
    return events;
  }

  /** How many events there are. */
  public int eventCount() {
    return Arrays.stream(events).max().orElse(-1) + 1;
  }

  /** The same posts with other events. */
  public LabelledPosts withEvents(int[] otherEvents) {
    return new LabelledPosts(features, labels, otherEvents);
  }

  /** Some of the posts, in the order given. */
  public LabelledPosts select(int[] rows) {
    return new LabelledPosts(
        new SelectedFeatures(features, rows, features.views()),
        Arrays.stream(rows).map(row -> labels[row]).toArray(),
        Arrays.stream(rows).map(row -> events[row]).toArray());
  }

  /** The same posts with some of their views alone. */
  public LabelledPosts only(List<View> views) {
    int[] all = IntStream.range(0, size()).toArray();
    return new LabelledPosts(new SelectedFeatures(features, all, views), labels, events);
  }

  /** How many posts. */
  public int size() {
    return labels.length;
  }

  /** The event numbers of some rows. */
  public long[] events(int[] rows) {
    return Arrays.stream(rows).mapToLong(row -> events[row]).toArray();
  }

  /** The class numbers of some rows. */
  public long[] labels(int[] rows) {
    return Arrays.stream(rows).mapToLong(row -> labels[row]).toArray();
  }
}
