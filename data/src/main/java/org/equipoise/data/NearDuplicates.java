package org.equipoise.data;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.equipoise.core.Post;
import org.equipoise.media.PdqHash;

/**
 * Posts by which others are recognised: by the same image, by a near-duplicate of it (PDQ within
 * {@value PdqHash#NEAR_DUPLICATE} of 256 bits, both of quality {@value PdqHash#COMPARABLE_QUALITY}
 * or more) or by the text (Jaccard similarity of five-word runs, three-character runs in scripts
 * without spaces). Images and texts that occur several times are numbered once. Immutable; a {@link
 * Search} belongs to one thread.
 */
public final class NearDuplicates {
  private final Function<Post, Optional<ImageFacts>> images;
  private final Map<String, Integer> byContent = new HashMap<>();
  private final int[] imageOf;
  private final int[] comparable;
  private final PdqIndex pdq;
  private final TextIndex texts;

  /**
   * Indexes posts.
   *
   * @param posts the posts to recognise others by
   * @param images what is known of a post's image, such as {@code data::image}
   * @param threads how many threads build the index
   */
  public NearDuplicates(
      List<Post> posts, Function<Post, Optional<ImageFacts>> images, int threads) {
    this.images = images;
    imageOf = new int[posts.size()];
    List<PdqHash> hashes = new ArrayList<>();
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < imageOf.length; i++) {
      ImageFacts facts = images.apply(posts.get(i)).orElse(null);
      imageOf[i] = -1;
      if (facts != null) {
        Integer known = byContent.putIfAbsent(facts.content(), byContent.size());
        imageOf[i] = known == null ? byContent.size() - 1 : known;
        if (known == null && facts.pdq().comparable()) {
          hashes.add(facts.pdq());
          numbers.add(imageOf[i]);
        }
      }
    }
    comparable = numbers.stream().mapToInt(Integer::intValue).toArray();
    pdq = new PdqIndex(hashes);
    texts = new TextIndex(posts.stream().map(Post::text).toList(), threads);
  }

  /** The number of the image of the indexed post at that position; empty if it has none. */
  OptionalInt imageOf(int position) {
    return number(imageOf[position]);
  }

  /** The number of the text of the indexed post at that position; empty if it has no words. */
  OptionalInt textOf(int position) {
    return number(texts.textOf(position));
  }

  /** How many different images there are. */
  int imageCount() {
    return byContent.size();
  }

  /** How many different texts there are. */
  int textCount() {
    return texts.size();
  }

  private static OptionalInt number(int number) {
    return number < 0 ? OptionalInt.empty() : OptionalInt.of(number);
  }

  /** A searcher for one thread. */
  public Search search() {
    return new Search();
  }

  /** Recognises posts; not safe for several threads. */
  public final class Search {
    private final TextIndex.Search textSearch = texts.search();

    /** The number of the indexed image with the same content. */
    OptionalInt sameImage(Post post) {
      return images
          .apply(post)
          .map(facts -> number(byContent.getOrDefault(facts.content(), -1)))
          .orElse(OptionalInt.empty());
    }

    /** The number of the nearest indexed image among the near-duplicates. */
    OptionalInt nearestImage(Post post) {
      ImageFacts facts = images.apply(post).orElse(null);
      if (facts == null || !facts.pdq().comparable()) {
        return OptionalInt.empty();
      }
      int position = pdq.nearest(facts.pdq());
      return position < 0 ? OptionalInt.empty() : OptionalInt.of(comparable[position]);
    }

    /**
     * The number of the nearest indexed text, near-duplicate or not, where there is a candidate.
     */
    OptionalInt nearestText(Post post) {
      return number(textSearch.nearest(post.text()));
    }

    /** Whether an indexed post has the same image. */
    public boolean hasSameImage(Post post) {
      return sameImage(post).isPresent();
    }

    /** Whether an indexed post has a near-duplicate image (or the same one). */
    public boolean hasNearDuplicateImage(Post post) {
      return nearestImage(post).isPresent();
    }

    /** Whether an indexed post has a near-duplicate text: similarity 0.7 or more. */
    public boolean hasNearDuplicateText(Post post) {
      return textSearch.hasNearDuplicate(post.text());
    }
  }
}
