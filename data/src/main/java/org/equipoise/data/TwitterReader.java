package org.equipoise.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.equipoise.core.Post;
import org.equipoise.core.SkippedPost;
import org.equipoise.core.WrongUseException;

/**
 * MediaEval "Verifying Multimedia Use": tab-separated posts with a header line and no quoting, and
 * image folders beside them. The editions of 2015 and 2016 and their development and test sets name
 * and order the columns differently, so columns are found by name.
 */
final class TwitterReader implements PostReader {
  private static final List<String> FILE_NAMES =
      List.of("posts.txt", "posts_groundtruth.txt", "tweets.txt");

  /** The part before {@code _fake}, {@code _real}, {@code _video} or the number. */
  private static final Pattern EVENT =
      Pattern.compile("(.+?)(?:_video)?(?:_(?:fake|real))?(?:_?\\d+)?");

  private final List<Part> parts = new ArrayList<>();
  private final Optional<Humor> humor;

  TwitterReader(Path path, Optional<Humor> humor) {
    this.humor = humor;
    Places.requireExists(path, DataFormat.TWITTER);
    if (!Files.isDirectory(path)) {
      parts.add(new Part(path, null));
      return;
    }
    Optional<Path> direct = postsFile(path);
    if (direct.isPresent()) {
      parts.add(new Part(direct.get(), null));
      return;
    }
    Optional<Path> development = postsFile(path.resolve("devset"));
    Optional<Path> test = postsFile(path.resolve("testset"));
    boolean both = development.isPresent() && test.isPresent();
    development.ifPresent(file -> parts.add(new Part(file, both ? "train" : null)));
    test.ifPresent(file -> parts.add(new Part(file, both ? "test" : null)));
    if (parts.isEmpty()) {
      throw new WrongUseException(
          path + " holds no Twitter posts: expected " + DataFormat.TWITTER.expects());
    }
  }

  private static Optional<Path> postsFile(Path folder) {
    return FILE_NAMES.stream().map(folder::resolve).filter(Files::isRegularFile).findFirst();
  }

  @Override
  public void forEach(Consumer<? super Post> posts, Consumer<? super SkippedPost> skipped) {
    for (Part part : parts) {
      part.read(posts, skipped);
    }
  }

  /** The event that an image id belongs to. */
  static String event(String imageId) {
    Matcher matcher = EVENT.matcher(imageId);
    return matcher.matches() ? matcher.group(1) : imageId;
  }

  /** One posts file with the images beside it. */
  private final class Part {
    private final Path file;
    private final String split;
    private final List<Path> imageFolders;
    private final Map<String, Path> images;
    private final int columns;
    private final int id;
    private final int text;
    private final int image;
    private final int time;
    private final int label;

    Part(Path file, String split) {
      this.file = file;
      this.split = split;
      imageFolders = Places.imageFolders(Places.parent(file));
      images = Places.filesByStem(imageFolders);
      Map<String, Integer> header = header();
      columns = header.size();
      id = column(header, "post_id", "tweetId");
      text = column(header, "post_text", "tweetText");
      image = column(header, "image_id(s)", "image_id", "imageId(s)", "imageId");
      time = header.getOrDefault("timestamp", -1);
      label = column(header, "label");
    }

    private Map<String, Integer> header() {
      try (Lines lines = new Lines(file)) {
        Map<String, Integer> header = new LinkedHashMap<>();
        if (lines.next()) {
          for (String name : lines.text().split("\t", -1)) {
            header.put(name.strip(), header.size());
          }
        }
        return header;
      }
    }

    private int column(Map<String, Integer> header, String... names) {
      for (String name : names) {
        if (header.containsKey(name)) {
          return header.get(name);
        }
      }
      throw new WrongUseException(
          file
              + " has no column '"
              + String.join("' or '", names)
              + "'; its first line has: "
              + String.join(", ", header.keySet()));
    }

    void read(Consumer<? super Post> posts, Consumer<? super SkippedPost> skipped) {
      try (Lines lines = new Lines(file)) {
        lines.next();
        while (lines.next()) {
          if (!lines.text().isBlank()) {
            read(lines, posts, skipped);
          }
        }
      }
    }

    private void read(
        Lines lines, Consumer<? super Post> posts, Consumer<? super SkippedPost> skipped) {
      String[] cells = lines.text().split("\t", -1);
      String postId = cells.length > id ? cells[id].strip() : "";
      if (!lines.problem().isEmpty()) {
        skipped.accept(
            new SkippedPost(
                postId, lines.source(), lines.problem(), Lines.explain(lines.problem())));
        return;
      }
      if (cells.length != columns) {
        skipped.accept(
            new SkippedPost(
                postId,
                lines.source(),
                "broken_line",
                "expected " + columns + " columns, found " + cells.length));
        return;
      }
      if (postId.isEmpty()) {
        skipped.accept(new SkippedPost("", lines.source(), "no_id", "the post has no id"));
        return;
      }
      Optional<String> name = label(cells[label].strip(), lines);
      if (name.isEmpty()) {
        skipped.accept(
            new SkippedPost(postId, lines.source(), "humor", "humor is left out, as asked for"));
        return;
      }
      List<String> imageIds = new ArrayList<>();
      for (String imageId : cells[image].split(",")) {
        if (!imageId.isBlank()) {
          imageIds.add(imageId.strip());
        }
      }
      posts.accept(
          Post.builder(postId)
              .text(cells[text].strip())
              .images(files(imageIds))
              .label(name.get())
              .event(imageIds.isEmpty() ? null : event(imageIds.get(0)))
              .time(time < 0 ? null : Times.twitter(cells[time]).orElse(null))
              .split(split)
              .source(lines.source())
              .build());
    }

    private Optional<String> label(String given, Lines lines) {
      return switch (given.toLowerCase(Locale.ROOT)) {
        case "fake", "real" -> Optional.of(given.toLowerCase(Locale.ROOT));
        case "humor" ->
            humor
                .map(
                    choice -> choice == Humor.FAKE ? Optional.of("fake") : Optional.<String>empty())
                .orElseThrow(
                    () ->
                        new WrongUseException(
                            lines.source()
                                + " is labelled humor: say --humor fake to count such posts as"
                                + " fake, or --humor drop to leave them out"));
        default ->
            throw new WrongUseException(
                lines.source()
                    + " has the label '"
                    + given
                    + "': expected fake, real or humor in column "
                    + (label + 1));
      };
    }

    /** The files of the ids that have one; where none has, where the first should have been. */
    private List<Path> files(List<String> imageIds) {
      List<Path> found = imageIds.stream().map(images::get).filter(f -> f != null).toList();
      if (!found.isEmpty() || imageIds.isEmpty()) {
        return found;
      }
      Path folder = imageFolders.isEmpty() ? Places.parent(file) : imageFolders.get(0);
      return List.of(folder.resolve(imageIds.get(0)));
    }
  }
}
