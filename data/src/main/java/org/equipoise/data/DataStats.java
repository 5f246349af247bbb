package org.equipoise.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.equipoise.core.Post;

/**
 * What a data set holds.
 *
 * @param posts usable posts
 * @param labels usable posts by label
 * @param postsWithImage usable posts with an image that decodes
 * @param labelsWithImage the same by label
 * @param images distinct images, by content
 * @param events distinct events
 * @param skipped posts that cannot be used
 * @param imagesMissing image files that posts name and that are not there
 * @param reasons why posts were skipped or have no image: reason → posts
 * @param eventPosts usable posts by event
 * @param languages usable posts by language, where it is known
 * @param textCharacters lengths of the texts
 * @param repeatedTexts posts whose text, case, punctuation and addresses aside, an earlier post has
 * @param repeatedImages posts whose image an earlier post has
 */
public record DataStats(
    int posts,
    Map<String, Integer> labels,
    @JsonProperty("posts_with_image") int postsWithImage,
    @JsonProperty("labels_with_image") Map<String, Integer> labelsWithImage,
    int images,
    int events,
    int skipped,
    @JsonProperty("images_missing") int imagesMissing,
    Map<String, Integer> reasons,
    @JsonProperty("event_posts") Map<String, Integer> eventPosts,
    Map<String, Integer> languages,
    @JsonProperty("text_characters") Lengths textCharacters,
    @JsonProperty("repeated_texts") int repeatedTexts,
    @JsonProperty("repeated_images") int repeatedImages) {

  /**
   * Lengths in characters (code points).
   *
   * @param min the shortest
   * @param median the middle one
   * @param p95 95 of 100 are no longer
   * @param max the longest
   */
  public record Lengths(int min, int median, int p95, int max) {}

  /** Counts all usable posts, whether or not they would take part. */
  public static DataStats of(Dataset data) {
    Map<String, Integer> labels = new TreeMap<>();
    Map<String, Integer> labelsWithImage = new TreeMap<>();
    Map<String, Integer> events = new TreeMap<>();
    Map<String, Integer> languages = new TreeMap<>();
    Set<String> images = new HashSet<>();
    Set<Long> texts = new HashSet<>();
    int withImage = 0;
    int repeatedTexts = 0;
    int repeatedImages = 0;
    int[] lengths = new int[data.posts().size()];
    int next = 0;
    for (Post post : data.posts()) {
      post.label().ifPresent(label -> labels.merge(label, 1, Integer::sum));
      post.event().ifPresent(event -> events.merge(event, 1, Integer::sum));
      post.language().ifPresent(language -> languages.merge(language, 1, Integer::sum));
      lengths[next++] = post.text().codePointCount(0, post.text().length());
      if (post.hasText() && !texts.add(Shingles.fingerprint(Shingles.of(post.text())))) {
        repeatedTexts++;
      }
      ImageFacts facts = data.image(post).orElse(null);
      if (facts != null) {
        withImage++;
        post.label().ifPresent(label -> labelsWithImage.merge(label, 1, Integer::sum));
        repeatedImages += images.add(facts.content()) ? 0 : 1;
      }
    }
    return new DataStats(
        data.posts().size(),
        labels,
        withImage,
        labelsWithImage,
        images.size(),
        events.size(),
        data.skipped().size(),
        data.imagesMissing(),
        data.reasons(),
        events,
        languages,
        lengths(lengths),
        repeatedTexts,
        repeatedImages);
  }

  private static Lengths lengths(int[] lengths) {
    Arrays.sort(lengths);
    int last = lengths.length - 1;
    return new Lengths(
        lengths[0],
        lengths[last / 2],
        lengths[(int) Math.ceil(0.95 * lengths.length) - 1],
        lengths[last]);
  }

  /** The figures in words, a line each. */
  public String toText() {
    List<String> lines = new ArrayList<>();
    lines.add("posts            " + posts + " usable" + inBrackets(labels));
    lines.add("  with an image  " + postsWithImage + inBrackets(labelsWithImage));
    lines.add("images           " + images + " different, " + imagesMissing + " files missing");
    lines.add("events           " + events + inBrackets(eventPosts));
    lines.add("languages        " + (languages.isEmpty() ? "not told" : words(languages)));
    lines.add(
        String.format(
            Locale.ROOT,
            "text lengths     %d to %d characters, median %d, 95 %% within %d",
            textCharacters.min(),
            textCharacters.max(),
            textCharacters.median(),
            textCharacters.p95()));
    lines.add(
        "repeated         "
            + repeatedTexts
            + " posts repeat an earlier text, "
            + repeatedImages
            + " an earlier image");
    lines.add("skipped          " + skipped);
    if (!reasons.isEmpty()) {
      lines.add("reasons          " + words(reasons));
    }
    return String.join("\n", lines) + "\n";
  }

  private static String inBrackets(Map<String, Integer> counts) {
    return counts.isEmpty() ? "" : " (" + words(counts) + ")";
  }

  private static String words(Map<String, Integer> counts) {
    List<String> words = new ArrayList<>();
    counts.forEach((name, count) -> words.add(name + " " + count));
    return String.join(", ", words);
  }
}
