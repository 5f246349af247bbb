package org.equipoise.lab.run;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.equipoise.core.Post;
import org.equipoise.core.View;
import org.equipoise.core.features.SelectedFeatures;
import org.equipoise.encoders.FeatureStore;
import org.equipoise.training.LabelledPosts;

/**
 * Posts of one part of a split, with their features and class numbers.
 *
 * @param posts in the order of the rows
 * @param labelled what a trainer or scorer is handed: these posts and no others
 */
record Part(List<Post> posts, LabelledPosts labelled) {

  /**
   * Joins posts with their features.
   *
   * @param ids the part's posts; those that the store lacks are left out
   * @param views the views that the run reads, in its order
   * @param classes class names; a class's number is its place
   */
  static Part of(
      List<Post> all, Set<String> ids, FeatureStore store, List<View> views, List<String> classes) {
    Map<String, Integer> numbers = new HashMap<>();
    classes.forEach(name -> numbers.put(name, numbers.size()));
    List<Post> posts = new ArrayList<>();
    List<Integer> rows = new ArrayList<>();
    for (Post post : all) {
      OptionalInt row = ids.contains(post.id()) ? store.row(post.id()) : OptionalInt.empty();
      boolean known = post.label().filter(numbers::containsKey).isPresent();
      if (row.isPresent() && known && views.stream().anyMatch(v -> store.has(row.getAsInt(), v))) {
        posts.add(post);
        rows.add(row.getAsInt());
      }
    }
    int[] labels =
        posts.stream().mapToInt(post -> numbers.get(post.label().orElseThrow())).toArray();
    Map<String, Integer> events = new HashMap<>();
    int[] eventNumbers =
        posts.stream()
            .mapToInt(
                post ->
                    post.event()
                        .map(event -> events.computeIfAbsent(event, e -> events.size()))
                        .orElse(-1))
            .toArray();
    SelectedFeatures features =
        new SelectedFeatures(store, rows.stream().mapToInt(Integer::intValue).toArray(), views);
    return new Part(List.copyOf(posts), new LabelledPosts(features, labels, eventNumbers));
  }

  /** As {@link #of(List, Set, FeatureStore, List, List)}, by a list of ids. */
  static Part of(
      List<Post> all,
      List<String> ids,
      FeatureStore store,
      List<View> views,
      List<String> classes) {
    return of(all, new HashSet<>(ids), store, views, classes);
  }
}
