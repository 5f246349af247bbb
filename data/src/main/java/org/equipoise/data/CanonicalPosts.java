package org.equipoise.data;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.equipoise.core.Post;
import org.equipoise.core.Progress;
import org.equipoise.core.SkippedPost;
import org.equipoise.core.io.AtomicFiles;
import org.equipoise.core.io.Json;

/**
 * The project's own posts file: JSON Lines with {@code id}, {@code text}, {@code images} (paths
 * relative to the file), {@code label}, {@code event}, {@code time} (ISO 8601), {@code language},
 * {@code split} and {@code source} (file and line). Only {@code id} and one of {@code text} and
 * {@code images} are required. Read it with {@link PostReader} or {@link Dataset}.
 */
public final class CanonicalPosts {
  /** Posts whose images are looked into together. */
  private static final int BATCH = 4096;

  private CanonicalPosts() {}

  /**
   * What an import did.
   *
   * @param posts usable posts that were written
   * @param skipped posts that were not
   * @param skippedFile where each of them is listed with its reason
   */
  public record Imported(long posts, long skipped, Path skippedFile) {}

  /** The post as one line, its images relative to the folder of that file. */
  public static String line(Post post, Path file) {
    ObjectNode object = Json.MAPPER.createObjectNode();
    object.put("id", post.id());
    object.put("text", post.text());
    ArrayNode images = object.putArray("images");
    post.images().forEach(image -> images.add(relative(image, file)));
    post.label().ifPresent(label -> object.put("label", label));
    post.event().ifPresent(event -> object.put("event", event));
    post.time().ifPresent(time -> object.put("time", time.toString()));
    post.language().ifPresent(language -> object.put("language", language));
    post.split().ifPresent(split -> object.put("split", split));
    post.source()
        .ifPresent(
            source -> {
              ObjectNode node = object.putObject("source");
              node.put("file", source.file());
              node.put("line", source.line());
            });
    return Json.line(object);
  }

  /**
   * Writes the file, whole or not at all.
   *
   * @throws IOException if the disk fails
   */
  public static void write(Path file, Iterable<Post> posts) throws IOException {
    AtomicFiles.write(
        file,
        out -> {
          for (Post post : posts) {
            writeLine(out, line(post, file));
          }
        });
  }

  /** Where the posts that an import skips are listed: {@code posts.skipped.jsonl} and the like. */
  public static Path skippedFile(Path file) {
    String name = file.getFileName().toString();
    String stem = name.endsWith(".jsonl") ? name.substring(0, name.length() - 6) : name;
    return file.resolveSibling(stem + ".skipped.jsonl");
  }

  /**
   * Reads any data set and writes its usable posts, in one pass; of the posts, only ids and what is
   * known of images are held.
   *
   * @throws org.equipoise.core.WrongUseException as {@link Dataset#load} does
   * @throws IOException if the disk fails; then neither file is there
   */
  public static Imported importFrom(DataSpec spec, Path file, Progress progress)
      throws IOException {
    Path skippedFile = skippedFile(file);
    long[] counts = new long[2];
    try {
      AtomicFiles.write(
          file,
          out ->
              AtomicFiles.write(
                  skippedFile,
                  skippedOut -> {
                    if (spec.options().sample().isPresent()) {
                      Dataset data = Dataset.load(spec, progress);
                      for (Post post : data.posts()) {
                        writeLine(out, line(post, file));
                      }
                      for (SkippedPost post : data.skipped()) {
                        writeLine(skippedOut, line(post));
                      }
                      counts[0] = data.posts().size();
                      counts[1] = data.skipped().size();
                    } else {
                      stream(spec, file, out, skippedOut, counts, progress);
                    }
                  }));
    } catch (IOException | RuntimeException e) {
      // the list is whole before the posts are, and would speak of posts that are not there
      Files.deleteIfExists(skippedFile);
      throw e;
    }
    return new Imported(counts[0], counts[1], skippedFile);
  }

  private static void stream(
      DataSpec spec,
      Path file,
      OutputStream out,
      OutputStream skippedOut,
      long[] counts,
      Progress progress) {
    Set<String> ids = new HashSet<>();
    List<Post> batch = new ArrayList<>();
    try (ImageCatalog catalog = new ImageCatalog(spec.options().threads());
        Progress.Task task = progress.start("importing posts", -1)) {
      Runnable flush =
          () -> {
            catalog.look(batch, Progress.NONE);
            for (Post post : batch) {
              Optional<Path> image = catalog.first(post);
              if (image.isEmpty() && !post.hasText()) {
                counts[1]++;
                writeUnchecked(skippedOut, line(catalog.unusable(post)));
              } else {
                counts[0]++;
                Post usable = post.toBuilder().images(image.stream().toList()).build();
                writeUnchecked(out, line(usable, file));
              }
            }
            task.step(batch.size());
            batch.clear();
          };
      PostReader.open(spec)
          .forEach(
              post -> {
                if (!ids.add(post.id())) {
                  counts[1]++;
                  writeUnchecked(skippedOut, line(Dataset.repeated(post)));
                  return;
                }
                batch.add(post);
                if (batch.size() == BATCH) {
                  flush.run();
                }
              },
              post -> {
                counts[1]++;
                writeUnchecked(skippedOut, line(post));
              });
      flush.run();
    }
  }

  private static String line(SkippedPost post) {
    ObjectNode object = Json.MAPPER.createObjectNode();
    object.put("id", post.id());
    object.put("file", post.source().file());
    object.put("line", post.source().line());
    object.put("reason", post.reason());
    object.put("message", post.message());
    return Json.line(object);
  }

  private static String relative(Path image, Path file) {
    Path folder = Places.parent(file.toAbsolutePath().normalize());
    Path absolute = image.toAbsolutePath().normalize();
    boolean sameRoot = absolute.getRoot().equals(folder.getRoot());
    Path written = sameRoot ? folder.relativize(absolute) : absolute;
    return written.toString().replace('\\', '/');
  }

  private static void writeLine(OutputStream out, String line) throws IOException {
    out.write(line.getBytes(StandardCharsets.UTF_8));
    out.write('\n');
  }

  private static void writeUnchecked(OutputStream out, String line) {
    try {
      writeLine(out, line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
