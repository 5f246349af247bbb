package org.equipoise.core.metrics;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How well one event's posts are told apart.
 *
 * @param posts posts of the event
 * @param accuracy share of them that is right
 */
public record EventMetrics(int posts, double accuracy) {

  /**
   * One entry for each event that a post names, by name in order.
   *
   * @param events a post's event, for each post
   * @param labels class numbers
   * @param predictions class numbers
   */
  public static Map<String, EventMetrics> of(
      List<Optional<String>> events, int[] labels, int[] predictions) {
    if (events.size() != labels.length || labels.length != predictions.length) {
      throw new IllegalArgumentException(
          "%d events, %d labels, %d predictions"
              .formatted(events.size(), labels.length, predictions.length));
    }
    Map<String, int[]> counts = new TreeMap<>();
    for (int i = 0; i < labels.length; i++) {
      if (events.get(i).isPresent()) {
        int[] count = counts.computeIfAbsent(events.get(i).get(), name -> new int[2]);
        count[0]++;
        count[1] += labels[i] == predictions[i] ? 1 : 0;
      }
    }
    Map<String, EventMetrics> metrics = new TreeMap<>();
    counts.forEach(
        (name, count) ->
            metrics.put(name, new EventMetrics(count[0], count[1] / (double) count[0])));
    return Collections.unmodifiableMap(metrics);
  }
}
