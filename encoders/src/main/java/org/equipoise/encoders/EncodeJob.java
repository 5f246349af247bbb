package org.equipoise.encoders;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.equipoise.core.Post;
import org.equipoise.core.Progress;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.features.ExtractedPost;
import org.equipoise.core.safetensors.DType;

/**
 * Posts into a feature store. Begun in a folder that holds an unfinished store it goes on after the
 * last whole shard, with the threads that the store was begun with, and ends with the bytes of an
 * uninterrupted run.
 */
public final class EncodeJob {
  private final ExtractorOpening encoders;
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
   * @param nanoseconds from the first post to the last shard, without opening the encoders
   * @param times how long threads were busy in that time
   */
  public record Result(
      StoreManifest manifest,
      long encoded,
      long resumed,
      long nanoseconds,
      StageTimes.Summary times) {
    /** Whether there was nothing left to do. */
    public boolean alreadyDone() {
      return encoded == 0 && resumed > 0;
    }
  }

  /**
   * A job.
   *
   * @param encoders opens them, such as an {@link EncoderPlan}; the job closes them
   */
  public EncodeJob(ExtractorOpening encoders, Options options) {
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
    Optional<StoreHeader> begun = StoreJournal.header(folder);
    int threads = begun.map(StoreHeader::threads).orElseGet(options::threads);
    Map<String, Integer> threadsEach = begun.map(StoreHeader::threadsEach).orElse(Map.of());
    if (begun.isEmpty() && !FeatureStore.exists(folder)) {
      threadsEach = encoders.chooseThreads(threads, total);
    }
    try (StagedExtractor extractor = encoders.open(threads, threadsEach)) {
      StoreHeader header =
          new StoreHeader(
              extractor.spec(),
              options.type(),
              data,
              threads,
              extractor.threadsEach(),
              encoders.device(),
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
    long resumed = manifest.ids().size() + manifest.skipped();
    return new Result(manifest, 0, resumed, 0, StageTimes.Summary.NONE);
  }

  /** Writes a window of posts while the next one is being encoded. */
  private static Result run(
      Iterator<Post> posts,
      StagedExtractor extractor,
      FeatureStoreWriter writer,
      Progress.Task task) {
    long start = System.nanoTime();
    StageTimes.Summary before = extractor.times();
    StageTimes writing = new StageTimes();
    long encoded = 0;
    StagedExtractor.Pending pending = next(posts, extractor, writer, task);
    StagedExtractor.Pending following = next(posts, extractor, writer, task);
    for (List<ExtractedPost> window = pending.await(); !window.isEmpty(); ) {
      long startWriting = System.nanoTime();
      window.forEach(writer::add);
      writing.add(Stage.WRITE, System.nanoTime() - startWriting, window.size());
      encoded += window.size();
      pending = following;
      following = next(posts, extractor, writer, task);
      window = pending.await();
    }
    long startWriting = System.nanoTime();
    StoreManifest manifest = writer.finish();
    writing.add(Stage.WRITE, System.nanoTime() - startWriting, 0);
    return new Result(
        manifest,
        encoded,
        writer.written(),
        System.nanoTime() - start,
        extractor.times().since(before).plus(writing.summary()));
  }

  /** Hands over the next posts that are not on disk; none at the end. */
  private static StagedExtractor.Pending next(
      Iterator<Post> posts,
      StagedExtractor extractor,
      FeatureStoreWriter writer,
      Progress.Task task) {
    List<Post> window = new ArrayList<>();
    while (window.size() < extractor.window() && posts.hasNext()) {
      Post post = posts.next();
      if (writer.passOver(post.id())) {
        task.step(1);
      } else {
        window.add(post);
      }
    }
    return extractor.start(window, task);
  }
}
