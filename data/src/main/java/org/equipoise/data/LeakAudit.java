package org.equipoise.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.equipoise.core.Post;
import org.equipoise.core.Progress;

/**
 * How much of the test posts a model may have seen in training or validation posts. Over several
 * folds the counts are sums and the accuracy is over all test posts.
 *
 * @param testPosts test posts
 * @param sharedImage those whose image, byte for byte, is also a training post's
 * @param nearDuplicateImage those whose image is not, but a near-duplicate of it is
 * @param nearDuplicateText those whose text is nearly a training post's (similarity 0.7 or more)
 * @param sharedEvent those whose event has training posts
 * @param lookUpAccuracy what {@link LookUp} scores on them
 */
public record LeakAudit(
    @JsonProperty("test_posts") int testPosts,
    @JsonProperty("shared_image") int sharedImage,
    @JsonProperty("near_duplicate_image") int nearDuplicateImage,
    @JsonProperty("near_duplicate_text") int nearDuplicateText,
    @JsonProperty("shared_event") int sharedEvent,
    @JsonProperty("look_up_accuracy") double lookUpAccuracy) {

  /**
   * Audits every fold.
   *
   * @param data the posts that take part
   * @throws org.equipoise.core.WrongUseException if the splits are of other posts
   */
  public static LeakAudit of(Dataset data, Splits splits, int threads, Progress progress) {
    splits.requireOf(data);
    int[] sums = new int[5];
    double right = 0;
    try (Progress.Task task = progress.start("auditing", splits.folds().size())) {
      for (Splits.Fold fold : splits.folds()) {
        LeakAudit audit = of(data, fold, threads);
        sums[0] += audit.testPosts;
        sums[1] += audit.sharedImage;
        sums[2] += audit.nearDuplicateImage;
        sums[3] += audit.nearDuplicateText;
        sums[4] += audit.sharedEvent;
        right += audit.lookUpAccuracy * audit.testPosts;
        task.step(1);
      }
    }
    return new LeakAudit(sums[0], sums[1], sums[2], sums[3], sums[4], right / sums[0]);
  }

  /** Audits one fold. */
  public static LeakAudit of(Dataset data, Splits.Fold fold, int threads) {
    Map<String, Post> byId = new HashMap<>();
    data.posts().forEach(post -> byId.put(post.id(), post));
    List<Post> test = fold.test().stream().map(byId::get).toList();
    List<Post> known =
        Stream.concat(fold.train().stream(), fold.validation().stream()).map(byId::get).toList();
    Set<String> events = new HashSet<>();
    known.forEach(post -> post.event().ifPresent(events::add));
    LookUp lookUp = LookUp.fit(known, data::image, threads);
    List<String> predicted = lookUp.predict(test);
    AtomicInteger sharedImage = new AtomicInteger();
    AtomicInteger nearImage = new AtomicInteger();
    AtomicInteger nearText = new AtomicInteger();
    Parallel.range(
        test.size(),
        threads,
        () -> {
          NearDuplicates.Search search = lookUp.posts().search();
          return i -> {
            Post post = test.get(i);
            if (search.hasSameImage(post)) {
              sharedImage.incrementAndGet();
            } else if (search.hasNearDuplicateImage(post)) {
              nearImage.incrementAndGet();
            }
            if (search.hasNearDuplicateText(post)) {
              nearText.incrementAndGet();
            }
          };
        });
    int sharedEvent = 0;
    int right = 0;
    for (int i = 0; i < test.size(); i++) {
      sharedEvent += test.get(i).event().filter(events::contains).isPresent() ? 1 : 0;
      right += test.get(i).label().orElseThrow().equals(predicted.get(i)) ? 1 : 0;
    }
    return new LeakAudit(
        test.size(),
        sharedImage.get(),
        nearImage.get(),
        nearText.get(),
        sharedEvent,
        (double) right / test.size());
  }

  /** The figures in words, a line each. */
  public String toText() {
    return String.join(
        "\n",
        "test posts                                  " + testPosts,
        "  with an image of a training post          " + share(sharedImage),
        "  with a near-duplicate of such an image    " + share(nearDuplicateImage),
        "  with nearly the text of a training post   " + share(nearDuplicateText),
        "  of an event with training posts           " + share(sharedEvent),
        "look-up alone gets right                    "
            + String.format(Locale.ROOT, "%.3f", lookUpAccuracy),
        "");
  }

  private String share(int count) {
    return String.format(
        Locale.ROOT, "%d (%.1f %%)", count, 100.0 * count / Math.max(1, testPosts));
  }
}
