package org.equipoise.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.equipoise.core.Post;
import org.equipoise.core.SkippedPost;
import org.equipoise.core.SourceLine;
import org.equipoise.core.WrongUseException;

/**
 * Weibo as the authors of EANN publish it: three lines a post (fields split by a bar; image
 * addresses split by a bar and ending in {@code null}; the text), a file for each part and class,
 * and the images under the last part of their address.
 */
final class WeiboReader implements PostReader {
  /** Weibo writes Beijing's time without saying so. */
  private static final ZoneOffset BEIJING = ZoneOffset.ofHours(8);

  private static final int FIELDS = 15;
  private static final int TIME = 4;
  private static final Pattern FIRST_LINE = Pattern.compile("\\d+\\|.*");

  private final Path folder;
  private final List<Part> parts = new ArrayList<>();

  private record Part(Path file, String split, String label, List<Path> imageFolders) {}

  WeiboReader(Path folder) {
    this.folder = Places.folder(folder, DataFormat.WEIBO);
    Path rumor = folder.resolve("rumor_images");
    Path nonrumor = folder.resolve("nonrumor_images");
    for (String split : List.of("train", "test")) {
      add(split + "_rumor.txt", split, "fake", List.of(rumor, nonrumor));
      add(split + "_nonrumor.txt", split, "real", List.of(nonrumor, rumor));
    }
    if (parts.isEmpty()) {
      throw new WrongUseException(
          folder
              + " holds none of tweets/train_rumor.txt, train_nonrumor.txt, test_rumor.txt,"
              + " test_nonrumor.txt: expected "
              + DataFormat.WEIBO.expects());
    }
  }

  private void add(String name, String split, String label, List<Path> imageFolders) {
    Path file = folder.resolve("tweets").resolve(name);
    if (Files.isRegularFile(file)) {
      parts.add(new Part(file, split, label, imageFolders));
    }
  }

  @Override
  public void forEach(Consumer<? super Post> posts, Consumer<? super SkippedPost> skipped) {
    for (Part part : parts) {
      try (Lines lines = new Lines(part.file())) {
        while (lines.next()) {
          read(part, lines, posts, skipped);
        }
      }
    }
  }

  private void read(
      Part part, Lines lines, Consumer<? super Post> posts, Consumer<? super SkippedPost> skipped) {
    SourceLine source = lines.source();
    String first = lines.text();
    if (first.isBlank()) {
      return;
    }
    if (!FIRST_LINE.matcher(first).matches()) {
      skipped.accept(
          new SkippedPost(
              "", source, "broken_line", "expected a post's fields: an id, a bar and more"));
      return;
    }
    String id = first.substring(0, first.indexOf('|'));
    String problem = lines.problem();
    String addresses = "";
    String text = "";
    // the last group of a file may end before its text
    if (lines.next()) {
      addresses = lines.text();
      problem = problem.isEmpty() ? lines.problem() : problem;
      if (lines.next()) {
        text = lines.text();
        problem = problem.isEmpty() ? lines.problem() : problem;
      }
    }
    if (!problem.isEmpty()) {
      skipped.accept(new SkippedPost(id, source, problem, Lines.explain(problem)));
      return;
    }
    posts.accept(
        Post.builder(id)
            .text(text.strip())
            .images(images(part, addresses))
            .label(part.label())
            .time(time(first).orElse(null))
            .language("zh")
            .split(part.split())
            .source(source)
            .build());
  }

  /** A bar inside the user's name moves the time to the right. */
  private static Optional<OffsetDateTime> time(String first) {
    String[] fields = first.split("\\|", -1);
    int index = TIME + Math.max(0, fields.length - FIELDS);
    return index < fields.length ? Times.any(fields[index], BEIJING) : Optional.empty();
  }

  private static List<Path> images(Part part, String addresses) {
    Set<String> names = new LinkedHashSet<>();
    for (String address : addresses.split("\\|")) {
      String name = address.substring(address.lastIndexOf('/') + 1).strip();
      if (!name.isEmpty() && !name.equals("null")) {
        names.add(name);
      }
    }
    List<Path> found = new ArrayList<>();
    for (String name : names) {
      part.imageFolders().stream()
          .map(folder -> folder.resolve(name))
          .filter(Files::isRegularFile)
          .findFirst()
          .ifPresent(found::add);
    }
    if (found.isEmpty() && !names.isEmpty()) {
      return List.of(part.imageFolders().get(0).resolve(names.iterator().next()));
    }
    return found;
  }
}
