package org.equipoise.encoders;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import org.equipoise.core.Post;
import org.equipoise.core.Progress;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.features.ExtractedPost;
import org.equipoise.core.features.FeatureExtractor;
import org.equipoise.core.safetensors.DType;

/**
 * Posts into a feature store. Begun in a folder that holds an unfinished store it goes on after the
 * last whole shard, with the number of threads that the store was begun with, and ends with the
 * bytes of an uninterrupted run.
 */
public final class EncodeJob {
  /** Posts that are encoded side by side. */
  private static final int CHUNK_POSTS = 256;

  private final IntFunction<FeatureExtractor> encoders;
  private final Options options;

  /**
   * How a store is written.
   *
   * @param type {@code F32} or {@code F16}
   * @param threads for encoding; what an unfinished store was begun with wins
   * @param shardPosts the most posts of a shard
   * @param shardBytes the most bytes of a shard's tensors
   */
  public record Options(DType type, int threads, int shardPosts, long shardBytes) {
    /** With shards of the usual size. */
    public Options(DType type, int threads) {
      this(type, threads, StoreHeader.SHARD_POSTS, StoreHeader.SHARD_BYTES);
    }
  }

  /**
   * What a job did.
   *
   * @param manifest of the finished store
   * @param encoded posts that were encoded or skipped by this call
   * @param resumed posts that were on disk from before; all of them where the store was finished
   */
  public record Result(StoreManifest manifest, long encoded, long resumed) {
    /** Whether there was nothing left to do. */
    public boolean alreadyDone() {
      return encoded == 0 && resumed > 0;
    }
  }

  /**
   * A job.
   *
   * @param encoders opens them for a number of threads, such as {@code threads ->
   *     Encoders.open("builtin", Form.POOLED, threads)}; the job closes them
   */
  public EncodeJob(IntFunction<FeatureExtractor> encoders, Options options) {
    this.encoders = encoders;
    this.options = options;
  }

  /**
   * Runs to the end.
   *
   * @param posts in an order that is the same each time
   * @param total how many posts, or -1 where unknown
   * @param data fingerprint of the posts
   * @throws WrongUseException if the folder holds something else, or features of other posts or
   *     encoders; or if another process is writing to it
   * @throws java.io.UncheckedIOException if the disk fails; shards on disk stay
   */
  public Result run(Iterable<Post> posts, long total, String data, Path folder, Progress progress) {
    int threads = StoreJournal.header(folder).map(StoreHeader::threads).orElseGet(options::threads);
    try (FeatureExtractor extractor = encoders.apply(threads)) {
      StoreHeader header =
          new StoreHeader(
              extractor.spec(),
              options.type(),
              data,
              threads,
              options.shardPosts(),
              options.shardBytes());
      if (FeatureStore.exists(folder)) {
        return finished(folder, header);
      }
      try (FeatureStoreWriter writer = FeatureStoreWriter.open(folder, header);
          Progress.Task task = progress.start("encoding posts", total)) {
        return run(posts.iterator(), extractor, writer, task);
      }
    }
  }

  private static Result finished(Path folder, StoreHeader header) {
    StoreManifest manifest = FeatureStore.open(folder).manifest();
    Optional<String> difference = FeatureStoreWriter.difference(manifest.header(), header);
    if (difference.isPresent()) {
      throw new WrongUseException(
          "%s holds other features: %s; name another folder".formatted(folder, difference.get()));
    }
    StoreJournal.deleteLeftOver(folder);
    return new Result(manifest, 0, manifest.ids().size() + manifest.skipped());
  }

  /** Writes a chunk while the next one is being encoded. */
  private static Result run(
      Iterator<Post> posts,
      FeatureExtractor extractor,
      FeatureStoreWriter writer,
      Progress.Task task) {
    long encoded = 0;
    try (Workers ahead = new Workers(1)) {
      Workers.Pending<List<ExtractedPost>> pending =
          encode(ahead, extractor, nextChunk(posts, writer, task));
      for (List<ExtractedPost> chunk = pending.await(); !chunk.isEmpty(); ) {
        pending = encode(ahead, extractor, nextChunk(posts, writer, task));
        chunk.forEach(writer::add);
        encoded += chunk.size();
        task.step(chunk.size());
        chunk = pending.await();
      }
    }
    return new Result(writer.finish(), encoded, writer.written());
  }

  private static Workers.Pending<List<ExtractedPost>> encode(
      Workers ahead, FeatureExtractor extractor, List<Post> chunk) {
    return ahead.submit(() -> extractor.extract(chunk));
  }

  /** The next posts that are not on disk; none at the end. */
  private static List<Post> nextChunk(
      Iterator<Post> posts, FeatureStoreWriter writer, Progress.Task task) {
    List<Post> chunk = new ArrayList<>(CHUNK_POSTS);
    while (chunk.size() < CHUNK_POSTS && posts.hasNext()) {
      Post post = posts.next();
      if (writer.passOver(post.id())) {
        task.step(1);
      } else {
        chunk.add(post);
      }
    }
    return chunk;
  }
}
