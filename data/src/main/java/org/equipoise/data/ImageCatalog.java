package org.equipoise.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.equipoise.core.Post;
import org.equipoise.core.Progress;
import org.equipoise.core.SkippedPost;
import org.equipoise.core.io.Hashes;
import org.equipoise.media.BrokenImageException;
import org.equipoise.media.ImageDecoder;
import org.equipoise.media.Pdq;
import org.equipoise.media.PdqHash;

/** Image files by path: each is decoded once, however many posts name it. */
final class ImageCatalog implements AutoCloseable {
  private final ImageDecoder decoder = new ImageDecoder();
  private final Map<Path, Entry> entries = new ConcurrentHashMap<>();
  private final ExecutorService workers;

  /** Either facts or the reason why there are none. */
  record Entry(Optional<ImageFacts> facts, String reason, String message) {}

  ImageCatalog(int threads) {
    workers = Executors.newFixedThreadPool(threads);
  }

  /**
   * Looks into the images of the posts: the first, and the next where one does not decode, until
   * one does.
   */
  void look(Collection<Post> posts, Progress progress) {
    Map<Path, List<Post>> first = new LinkedHashMap<>();
    for (Post post : posts) {
      if (!post.images().isEmpty() && !entries.containsKey(post.images().get(0))) {
        first.computeIfAbsent(post.images().get(0), path -> new ArrayList<>()).add(post);
      }
    }
    try (Progress.Task task = progress.start("looking into images", first.size())) {
      List<Future<?>> pending = new ArrayList<>();
      for (Path path : first.keySet()) {
        pending.add(
            workers.submit(
                () -> {
                  entries.put(path, decode(path));
                  task.step(1);
                }));
      }
      await(pending);
    }
    List<Post> unresolved = new ArrayList<>();
    for (Post post : posts) {
      boolean next = post.images().stream().anyMatch(path -> !entries.containsKey(path));
      if (next && first(post).isEmpty()) {
        unresolved.add(post);
      }
    }
    for (Post post : unresolved) {
      for (Path path : post.images()) {
        if (entries.computeIfAbsent(path, this::decode).facts().isPresent()) {
          break;
        }
      }
    }
  }

  private static void await(List<Future<?>> pending) {
    try {
      for (Future<?> future : pending) {
        future.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while looking into images", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("looking into images failed: " + e.getCause(), e.getCause());
    }
  }

  /** The post's first image that decodes, among those looked into. */
  Optional<Path> first(Post post) {
    return post.images().stream()
        .filter(path -> entries.containsKey(path) && entries.get(path).facts().isPresent())
        .findFirst();
  }

  /** What was found at that path, which was looked into. */
  Entry entry(Path path) {
    return entries.get(path);
  }

  /** How many files that were looked for are not there. */
  int missing() {
    return (int)
        entries.values().stream().filter(entry -> entry.reason().equals("image_missing")).count();
  }

  /** The record of a post that has neither a text nor an image that decodes. */
  SkippedPost unusable(Post post) {
    String images =
        post.images().isEmpty()
            ? "it names no image"
            : "its image cannot be used: " + entries.get(post.images().get(0)).message();
    return new SkippedPost(
        post.id(), post.source().orElseThrow(), "no_text_no_image", "no text, and " + images);
  }

  private Entry decode(Path path) {
    try {
      if (!Files.isRegularFile(path)) {
        return new Entry(Optional.empty(), "image_missing", "there is no file " + path);
      }
      // decoding first: a file too large to be a picture is not read to its end
      PdqHash pdq = Pdq.hash(decoder.decode(path));
      ImageFacts facts = new ImageFacts(Hashes.sha256(path), pdq);
      return new Entry(Optional.of(facts), "", "");
    } catch (BrokenImageException e) {
      return new Entry(Optional.empty(), e.reason(), path + ": " + e.getMessage());
    } catch (IOException e) {
      return new Entry(Optional.empty(), "image_unreadable", path + ": " + e.getMessage());
    }
  }

  @Override
  public void close() {
    workers.shutdownNow();
  }
}
