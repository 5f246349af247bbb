package org.equipoise.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.equipoise.core.Post;
import org.equipoise.core.Progress;

/**
 * A stratified, seeded part of the posts. Images are looked into only as far as needed: posts are
 * taken in a random order until enough of them take part.
 */
final class Sampling {
  private final DataOptions.Sample sample;
  private final long seed;
  private final Incomplete incomplete;

  Sampling(DataOptions.Sample sample, long seed, Incomplete incomplete) {
    this.sample = sample;
    this.seed = seed;
    this.incomplete = incomplete;
  }

  private static boolean isTest(Post post) {
    return post.split().filter("test"::equals).isPresent();
  }

  private static boolean isDivided(List<Post> posts) {
    return posts.stream().anyMatch(Sampling::isTest)
        && posts.stream().anyMatch(post -> post.split().isPresent() && !isTest(post));
  }

  /**
   * The share of test posts that {@code N,M} means where the data set has no published division.
   */
  OptionalDouble testShare(List<Post> posts) {
    if (sample.test().isEmpty() || isDivided(posts)) {
      return OptionalDouble.empty();
    }
    int test = sample.test().getAsInt();
    return OptionalDouble.of(test / ((double) test + sample.train()));
  }

  /** The drawn posts in their own order. */
  List<Post> draw(List<Post> posts, ImageCatalog catalog, Progress progress) {
    Set<String> drawn = new HashSet<>();
    Random random = new Random(seed);
    if (isDivided(posts)) {
      List<Post> test = posts.stream().filter(Sampling::isTest).toList();
      List<Post> train = posts.stream().filter(Predicate.not(Sampling::isTest)).toList();
      draw(train, sample.train(), random, catalog, progress, drawn);
      draw(test, sample.test().orElse(test.size()), random, catalog, progress, drawn);
    } else {
      draw(posts, sample.train() + sample.test().orElse(0), random, catalog, progress, drawn);
    }
    return posts.stream().filter(post -> drawn.contains(post.id())).toList();
  }

  private void draw(
      List<Post> posts,
      int count,
      Random random,
      ImageCatalog catalog,
      Progress progress,
      Set<String> drawn) {
    Map<String, List<Post>> strata = new TreeMap<>();
    for (Post post : posts) {
      strata.computeIfAbsent(post.label().orElse(""), label -> new ArrayList<>()).add(post);
    }
    List<Integer> sizes = strata.values().stream().map(List::size).toList();
    List<Integer> quotas = Shares.largestRemainder(sizes, Math.min(count, posts.size()));
    int stratum = 0;
    for (List<Post> members : strata.values()) {
      Collections.shuffle(members, random);
      take(members, quotas.get(stratum++), catalog, progress, drawn);
    }
  }

  private void take(
      List<Post> shuffled, int quota, ImageCatalog catalog, Progress progress, Set<String> drawn) {
    int from = 0;
    int taken = 0;
    while (taken < quota && from < shuffled.size()) {
      int to = Math.min(shuffled.size(), from + quota - taken);
      List<Post> next = shuffled.subList(from, to);
      catalog.look(next, progress);
      for (Post post : next) {
        if (takesPart(post, catalog)) {
          drawn.add(post.id());
          taken++;
        }
      }
      from = to;
    }
  }

  private boolean takesPart(Post post, ImageCatalog catalog) {
    boolean image = catalog.first(post).isPresent();
    return incomplete == Incomplete.DROP ? image && post.hasText() : image || post.hasText();
  }
}
