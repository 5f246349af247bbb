package org.equipoise.data;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.equipoise.core.Post;

/**
 * A classifier that has learnt nothing but its training posts: the label of the training posts with
 * the same image, else with the nearest image among near-duplicates, else with the nearest text,
 * else the commonest label. Where several training posts share that image or text, the commonest of
 * their labels counts, the earliest of equals. Immutable, safe for several threads.
 */
public final class LookUp {
  private final NearDuplicates posts;
  private final List<String> labels;
  private final int[] ofImage;
  private final int[] ofText;
  private final int commonest;
  private final int threads;

  private LookUp(NearDuplicates posts, List<Post> training, List<String> labels, int threads) {
    this.posts = posts;
    this.threads = threads;
    this.labels = labels.stream().distinct().toList();
    Map<String, Integer> numbers = new HashMap<>();
    this.labels.forEach(label -> numbers.put(label, numbers.size()));
    int classes = this.labels.size();
    int[][] imageVotes = new int[posts.imageCount()][classes];
    int[][] textVotes = new int[posts.textCount()][classes];
    int[] votes = new int[classes];
    for (int i = 0; i < training.size(); i++) {
      int label = numbers.get(labels.get(i));
      votes[label]++;
      posts.imageOf(i).ifPresent(image -> imageVotes[image][label]++);
      posts.textOf(i).ifPresent(text -> textVotes[text][label]++);
    }
    ofImage = commonest(imageVotes);
    ofText = commonest(textVotes);
    commonest = commonest(votes);
  }

  /**
   * Learns posts by heart.
   *
   * @param training labelled posts, at least one
   * @param labels the label of each
   * @param images what is known of a post's image, such as {@code data::image}
   * @param threads how many threads work
   * @throws IllegalArgumentException if there is no post, or not one label for each
   */
  public static LookUp fit(
      List<Post> training,
      List<String> labels,
      Function<Post, Optional<ImageFacts>> images,
      int threads) {
    if (training.isEmpty() || training.size() != labels.size()) {
      throw new IllegalArgumentException(
          training.size()
              + " posts and "
              + labels.size()
              + " labels: expected as many, at least 1");
    }
    return new LookUp(new NearDuplicates(training, images, threads), training, labels, threads);
  }

  /** Labels by the posts' own training labels. */
  public static LookUp fit(
      List<Post> training, Function<Post, Optional<ImageFacts>> images, int threads) {
    return fit(
        training,
        training.stream().map(post -> post.label().orElseThrow()).toList(),
        images,
        threads);
  }

  /** The label of each post, in order. */
  public List<String> predict(List<Post> unseen) {
    String[] predicted = new String[unseen.size()];
    Parallel.range(
        unseen.size(),
        threads,
        () -> {
          NearDuplicates.Search search = posts.search();
          return i -> predicted[i] = labels.get(predict(unseen.get(i), search));
        });
    return List.of(predicted);
  }

  private int predict(Post post, NearDuplicates.Search search) {
    OptionalInt image = search.sameImage(post);
    if (image.isEmpty()) {
      image = search.nearestImage(post);
    }
    if (image.isPresent()) {
      return ofImage[image.getAsInt()];
    }
    OptionalInt text = search.nearestText(post);
    return text.isPresent() ? ofText[text.getAsInt()] : commonest;
  }

  /** What the posts were indexed as, for other questions about them. */
  NearDuplicates posts() {
    return posts;
  }

  private static int[] commonest(int[][] votes) {
    int[] labels = new int[votes.length];
    for (int i = 0; i < votes.length; i++) {
      labels[i] = commonest(votes[i]);
    }
    return labels;
  }

  private static int commonest(int[] votes) {
    int best = 0;
    for (int label = 1; label < votes.length; label++) {
      if (votes[label] > votes[best]) {
        best = label;
      }
    }
    return best;
  }
}
