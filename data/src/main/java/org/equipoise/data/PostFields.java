package org.equipoise.data;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Function;
import org.equipoise.core.Post;
import org.equipoise.core.SkippedPost;
import org.equipoise.core.SourceLine;
import org.equipoise.core.WrongUseException;

/** Makes a post of named fields as CSV and JSON Lines give them. */
final class PostFields {
  private PostFields() {}

  /**
   * Hands the post on, or the reason why there is none.
   *
   * @param field a field's value by name, empty where it has none
   * @param images paths, relative to the folder of the file
   * @throws WrongUseException if {@code split} is no part of a data set
   */
  static void accept(
      Function<String, String> field,
      List<String> images,
      Path folder,
      SourceLine source,
      Consumer<? super Post> posts,
      Consumer<? super SkippedPost> skipped) {
    String id = field.apply("id").strip();
    if (id.isEmpty()) {
      skipped.accept(new SkippedPost("", source, "no_id", "the post has no id"));
      return;
    }
    List<Path> files = new ArrayList<>();
    for (String image : images) {
      if (!image.isBlank()) {
        try {
          files.add(folder.resolve(image.strip()));
        } catch (InvalidPathException e) {
          skipped.accept(
              new SkippedPost(id, source, "broken_line", "'" + image + "' is not a path"));
          return;
        }
      }
    }
    posts.accept(
        Post.builder(id)
            .text(field.apply("text"))
            .images(files)
            .label(orNull(field.apply("label")))
            .event(orNull(field.apply("event")))
            .time(Times.any(field.apply("time"), ZoneOffset.UTC).orElse(null))
            .language(orNull(field.apply("language")))
            .split(split(field.apply("split"), source))
            .source(source)
            .build());
  }

  private static String orNull(String value) {
    return value.isBlank() ? null : value.strip();
  }

  private static String split(String given, SourceLine source) {
    return switch (given.strip().toLowerCase(Locale.ROOT)) {
      case "" -> null;
      case "train", "training" -> "train";
      case "validation", "validate", "valid", "val", "dev" -> "validation";
      case "test", "testing" -> "test";
      default ->
          throw new WrongUseException(
              source + " has the split '" + given + "': expected train, validation or test");
    };
  }
}
