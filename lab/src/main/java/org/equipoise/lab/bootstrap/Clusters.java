package org.equipoise.lab.bootstrap;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Which posts stand or fall together. Posts of one event, or with one image, are no independent
 * observations, so a bootstrap must draw them together.
 *
 * @param by what they share
 * @param ids the cluster's number for each post, {@code [N]}, from 0
 * @param count how many clusters there are
 */
public record Clusters(By by, int[] ids, int count) {
  /** With fewer events than this, they are too few to draw from. */
  public static final int FEWEST_EVENTS = 10;

  /** What the posts of a cluster share. */
  public enum By {
    EVENT,
    IMAGE,
    POST;

    /** The lower-case word used in files. */
    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Clusters by event where at least {@value #FEWEST_EVENTS} are named, else by image where a post
   * has one, else every post for itself. A post without event, or without image, is a cluster of
   * its own.
   *
   * @param events each post's event
   * @param images each post's image: anything that is equal for posts with the same image
   */
  public static Clusters of(List<Optional<String>> events, List<Optional<String>> images) {
    if (events.size() != images.size()) {
      throw new IllegalArgumentException(events.size() + " events, " + images.size() + " images");
    }
    if (events.stream().flatMap(Optional::stream).distinct().count() >= FEWEST_EVENTS) {
      return number(By.EVENT, events);
    }
    return images.stream().anyMatch(Optional::isPresent)
        ? number(By.IMAGE, images)
        : number(By.POST, images);
  }

  private static Clusters number(By by, List<Optional<String>> keys) {
    Map<String, Integer> numbers = new HashMap<>();
    int[] ids = new int[keys.size()];
    int count = 0;
    for (int i = 0; i < ids.length; i++) {
      Integer known = keys.get(i).map(numbers::get).orElse(null);
      ids[i] = known == null ? count++ : known;
      if (known == null && keys.get(i).isPresent()) {
        numbers.put(keys.get(i).get(), ids[i]);
      }
    }
    return new Clusters(by, ids, count);
  }
}
