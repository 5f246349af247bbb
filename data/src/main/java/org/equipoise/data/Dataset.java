package org.equipoise.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.equipoise.core.Post;
import org.equipoise.core.Progress;
import org.equipoise.core.SkippedPost;
import org.equipoise.core.WrongUseException;

/**
 * The usable posts of a data set, in the order of its files, and what is known of their images. A
 * usable post has a text or an image that decodes; its {@link Post#images()} hold exactly that
 * image, or nothing. Immutable.
 */
public final class Dataset {
  private final String name;
  private final List<Post> posts;
  private final List<SkippedPost> skipped;
  private final Map<Path, ImageFacts> images;
  private final Incomplete chosenIncomplete;
  private final Map<String, Integer> reasons;
  private final int imagesMissing;
  private final OptionalDouble testShare;
  private final Set<String> events;
  private String fingerprint = "";

  private Dataset(
      String name,
      List<Post> posts,
      List<SkippedPost> skipped,
      Map<Path, ImageFacts> images,
      Incomplete chosenIncomplete,
      Map<String, Integer> reasons,
      int imagesMissing,
      OptionalDouble testShare,
      Set<String> events) {
    this.name = name;
    this.posts = List.copyOf(posts);
    this.skipped = List.copyOf(skipped);
    this.images = images;
    this.chosenIncomplete = chosenIncomplete;
    this.reasons = reasons;
    this.imagesMissing = imagesMissing;
    this.testShare = testShare;
    this.events = events;
  }

  private static Set<String> events(List<Post> posts) {
    Set<String> events = new TreeSet<>();
    posts.forEach(post -> post.event().ifPresent(events::add));
    return Collections.unmodifiableSet(events);
  }

  /**
   * Reads posts and decodes each image file once.
   *
   * @throws WrongUseException if a path, a column or a label is not what it should be, or nothing
   *     can be read
   */
  public static Dataset load(DataSpec spec, Progress progress) {
    DataOptions options = spec.options();
    List<Post> read = new ArrayList<>();
    List<SkippedPost> skipped = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    try (Progress.Task task = progress.start("reading posts", -1)) {
      PostReader.open(spec)
          .forEach(
              post -> {
                task.step(1);
                if (ids.add(post.id())) {
                  read.add(post);
                } else {
                  skipped.add(repeated(post));
                }
              },
              skipped::add);
    }
    Incomplete incomplete = options.incomplete().orElse(spec.format().defaultIncomplete());
    try (ImageCatalog catalog = new ImageCatalog(options.threads())) {
      List<Post> chosen = read;
      OptionalDouble testShare = OptionalDouble.empty();
      if (options.sample().isPresent()) {
        Sampling sampling = new Sampling(options.sample().get(), options.seed(), incomplete);
        chosen = sampling.draw(read, catalog, progress);
        testShare = sampling.testShare(read);
      }
      catalog.look(chosen, progress);
      List<Post> usable = new ArrayList<>();
      Map<Path, ImageFacts> images = new HashMap<>();
      Map<String, Integer> reasons = new TreeMap<>();
      for (Post post : chosen) {
        Optional<Path> image = catalog.first(post);
        if (image.isEmpty() && !post.images().isEmpty()) {
          reasons.merge(catalog.entry(post.images().get(0)).reason(), 1, Integer::sum);
        }
        if (image.isEmpty() && !post.hasText()) {
          skipped.add(catalog.unusable(post));
          continue;
        }
        image.ifPresent(path -> images.put(path, catalog.entry(path).facts().orElseThrow()));
        usable.add(post.toBuilder().images(image.stream().toList()).build());
      }
      for (SkippedPost post : skipped) {
        reasons.merge(post.reason(), 1, Integer::sum);
      }
      if (usable.isEmpty()) {
        throw new WrongUseException("no usable post in " + spec + nothing(skipped));
      }
      return new Dataset(
          spec.name(),
          usable,
          skipped,
          images,
          incomplete,
          Collections.unmodifiableMap(reasons),
          catalog.missing(),
          testShare,
          events(usable));
    }
  }

  /**
   * Posts that were made or read elsewhere.
   *
   * @param images what is known of the image of each post that has one
   */
  public static Dataset of(
      String name, List<Post> posts, Map<Path, ImageFacts> images, Incomplete incomplete) {
    return new Dataset(
        name,
        posts,
        List.of(),
        Map.copyOf(images),
        incomplete,
        Map.of(),
        0,
        OptionalDouble.empty(),
        events(posts));
  }

  static SkippedPost repeated(Post post) {
    return new SkippedPost(
        post.id(),
        post.source().orElseThrow(),
        "duplicate_id",
        "another post before it has the same id");
  }

  private static String nothing(List<SkippedPost> skipped) {
    return skipped.isEmpty()
        ? ": the file holds none"
        : ": "
            + skipped.size()
            + " skipped, the first at "
            + skipped.get(0).source()
            + ": "
            + skipped.get(0).message();
  }

  /** The posts that take part in splits, audits, features, training and evaluation. */
  public Dataset participating() {
    return participating(chosenIncomplete);
  }

  /**
   * The posts that take part under that choice.
   *
   * @throws WrongUseException if none does
   */
  public Dataset participating(Incomplete incomplete) {
    List<Post> kept =
        incomplete == Incomplete.KEEP
            ? posts
            : posts.stream().filter(post -> post.hasText() && !post.images().isEmpty()).toList();
    if (kept.isEmpty()) {
      throw new WrongUseException(
          "none of the "
              + posts.size()
              + " posts of "
              + name
              + " has both a text and an image that decodes: --incomplete keep takes them as they"
              + " are");
    }
    return new Dataset(
        name, kept, skipped, images, incomplete, reasons, imagesMissing, testShare, events);
  }

  /** A few characters for people. */
  public String name() {
    return name;
  }

  /** In the order of the files; ids are unique. */
  public List<Post> posts() {
    return posts;
  }

  /** Posts that could not be used. */
  public List<SkippedPost> skipped() {
    return skipped;
  }

  /** What is known of the post's image; empty where it has none. */
  public Optional<ImageFacts> image(Post post) {
    return post.images().isEmpty()
        ? Optional.empty()
        : Optional.ofNullable(images.get(post.images().get(0)));
  }

  /** What was chosen for posts that lack one modality, or the format's default. */
  public Incomplete incomplete() {
    return chosenIncomplete;
  }

  /**
   * Why posts were skipped or have no image: reason → posts. A post without text whose images do
   * not decode counts under both reasons.
   */
  public Map<String, Integer> reasons() {
    return reasons;
  }

  /** Distinct image files that posts name and that are not there. */
  public int imagesMissing() {
    return imagesMissing;
  }

  /** The share of posts to test on that a sample of {@code N,M} asks for. */
  OptionalDouble testShare() {
    return testShare;
  }

  /** The labels that occur, sorted. */
  public List<String> labels() {
    return posts.stream().flatMap(post -> post.label().stream()).distinct().sorted().toList();
  }

  /** Events of all usable posts, also of those that do not take part; sorted. */
  Set<String> events() {
    return events;
  }

  /**
   * SHA-256 over these posts in their order, in hexadecimal digits: each by id, text, label, event,
   * time, language, split and the content of its image, wherever the files lie.
   */
  public synchronized String fingerprint() {
    if (fingerprint.isEmpty()) {
      fingerprint = DataFingerprint.of(this);
    }
    return fingerprint;
  }
}
