package org.equipoise.encoders;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.equipoise.core.io.Hashes;
import org.equipoise.media.BrokenImageException;
import org.equipoise.media.ImageDecoder;
import org.equipoise.media.ImageLimits;

/**
 * Reads, decodes, prepares and encodes posts' images, these stages side by side. An image is known
 * by the hash of its file's content: it is decoded once for all views, and encoded once however
 * many posts and names it has.
 *
 * <p>Files are read by threads of their own, which wait for the disk and not for a core. Only so
 * many images are under way at once, from reading to the last view's encoding, as memory allows;
 * the others wait as names. Nothing here blocks: whatever finishes starts what can follow.
 */
final class PostImages implements AutoCloseable {
  /** Files whose hash is remembered. */
  private static final int HASHED_FILES = 100_000;

  static final int READERS = 4;

  /** About what a prepared image takes for one view: 3 × 224 × 224 floats and some more. */
  private static final int PREPARED_BYTES = 1 << 20;

  /** Bytes that an entry of the cache takes besides its features. */
  private static final int OVERHEAD = 512;

  private final List<EncoderRuns> encoders;
  private final Workers workers;
  private final StageTimes times;
  private final ImageDecoder decoder = new ImageDecoder();
  private final ExecutorService readers;
  private final FeatureCache<String, Seen> remembered;
  private final FeatureCache<FileState, String> hashes =
      new FeatureCache<>(HASHED_FILES, (file, hash) -> 1);

  private final int mostUnderWay;
  private final long mostBytesAhead;

  // what is under way, guarded by this
  private final Queue<Waiting> waiting = new ArrayDeque<>();
  private final Map<EncoderRuns, Map<Integer, Batch>> open = new HashMap<>();
  private int underWay;
  private int upstream;
  private int running;
  private long bytesAhead;
  private volatile boolean closed;

  /**
   * What became of a file.
   *
   * @param encodings by view; empty where it is broken
   * @param reason why it is broken, as a code; empty where it is not
   * @param message the same in words, beginning with the file
   */
  record Outcome(Map<String, Encoding> encodings, String reason, String message) {
    boolean broken() {
      return !reason.isEmpty();
    }
  }

  /** What became of a file's content, whatever the file's name; the message does not say it. */
  private record Seen(Map<String, Encoding> encodings, String reason, String message) {
    Outcome of(Path file) {
      return new Outcome(encodings, reason, reason.isEmpty() ? "" : file + ": " + message);
    }
  }

  /** A file that has not changed since its hash was taken. */
  private record FileState(Path file, long size, FileTime modified) {}

  /** A file whose turn to be read will come. */
  private record Waiting(FileState state, long window, CompletableFuture<Outcome> outcome) {}

  /** Contents of one length that are collected for one run. */
  private record Batch(long window, List<EncoderRuns.Item> items) {}

  /**
   * Prepares.
   *
   * @param memory what remembered features and images under way may take
   */
  PostImages(List<EncoderRuns> encoders, Workers workers, StageTimes times, MemoryShares memory) {
    this.encoders = encoders;
    this.workers = workers;
    this.times = times;
    remembered =
        new FeatureCache<>(
            memory.images(), (hash, made) -> OVERHEAD + EncoderRuns.bytes(made.encodings));
    mostBytesAhead = memory.waitingImages() / 2;
    mostUnderWay = mostUnderWay(memory.waitingImages() / 2);
    readers =
        Executors.newFixedThreadPool(
            READERS,
            work -> {
              Thread thread = new Thread(work, "image reader");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Enough that full batches wait while others run, if memory allows. */
  private int mostUnderWay(long bytes) {
    int wanted = 2 * workers.count();
    for (EncoderRuns encoder : encoders) {
      int batches = encoder.sideBySide() + 1;
      wanted = Math.max(wanted, batches * encoder.batchSize(1) + 2 * workers.count());
    }
    long allowed = bytes / PREPARED_BYTES / Math.max(1, encoders.size());
    return (int) Math.max(workers.count(), Math.min(wanted, allowed));
  }

  /** As many as the encoder likes, but leaving images for the batches beside it. */
  private int batchSize(EncoderRuns encoder, int length) {
    return Math.max(
        1, Math.min(encoder.batchSize(length), mostUnderWay / (encoder.sideBySide() + 1)));
  }

  /**
   * Begins.
   *
   * @param candidates lists of at least one file
   * @return for each list, to come: the first file that decodes; where none does, why the first did
   *     not
   */
  Map<List<Path>, CompletableFuture<Outcome>> start(
      Collection<List<Path>> candidates, long window) {
    Map<Path, CompletableFuture<Outcome>> files = new ConcurrentHashMap<>();
    Map<List<Path>, CompletableFuture<Outcome>> started = new HashMap<>();
    for (List<Path> list : candidates) {
      started.computeIfAbsent(list, some -> from(some, 0, files, window));
    }
    return started;
  }

  private CompletableFuture<Outcome> from(
      List<Path> list, int place, Map<Path, CompletableFuture<Outcome>> files, long window) {
    return file(list.get(place), files, window)
        .thenCompose(
            outcome ->
                outcome.broken() && place + 1 < list.size()
                    ? from(list, place + 1, files, window)
                        .thenApply(next -> next.broken() ? outcome : next)
                    : CompletableFuture.completedFuture(outcome));
  }

  private CompletableFuture<Outcome> file(
      Path file, Map<Path, CompletableFuture<Outcome>> files, long window) {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    CompletableFuture<Outcome> earlier = files.putIfAbsent(file, outcome);
    if (earlier != null) {
      return earlier;
    }
    Optional<FileState> state = state(file);
    if (state.isEmpty()) {
      outcome.complete(unreadable(file));
      return outcome;
    }
    Optional<Seen> known = hashes.find(state.get()).flatMap(remembered::find);
    if (known.isPresent()) {
      outcome.complete(known.get().of(file));
    } else {
      advance(() -> waiting.add(new Waiting(state.get(), window, outcome)));
    }
    return outcome;
  }

  private static Optional<FileState> state(Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.isRegularFile()
          ? Optional.of(new FileState(file, attributes.size(), attributes.lastModifiedTime()))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private Outcome unreadable(Path file) {
    try {
      decoder.decode(file);
    } catch (BrokenImageException e) {
      return new Outcome(Map.of(), e.reason(), e.getMessage());
    }
    return new Outcome(
        Map.of(),
        BrokenImageException.Reason.UNREADABLE.code(),
        file + ": changed while it was read");
  }

  /** Makes a change to what is under way, then starts what has become possible. */
  private void advance(Runnable change) {
    List<Runnable> steps = new ArrayList<>();
    synchronized (this) {
      change.run();
      while (!waiting.isEmpty() && hasRoom(waiting.peek())) {
        Waiting next = waiting.remove();
        underWay++;
        upstream++;
        bytesAhead += next.state.size;
        steps.add(() -> read(next));
      }
      open.forEach(
          (encoder, batches) -> {
            Iterator<Map.Entry<Integer, Batch>> entries = batches.entrySet().iterator();
            while (entries.hasNext()) {
              Map.Entry<Integer, Batch> entry = entries.next();
              Batch batch = entry.getValue();
              if (batch.items.size() >= batchSize(encoder, entry.getKey()) || isLast()) {
                entries.remove();
                running++;
                steps.add(() -> run(encoder, batch));
              }
            }
          });
    }
    // outside the lock, because what they complete may come back here
    steps.forEach(Runnable::run);
  }

  private boolean hasRoom(Waiting next) {
    return underWay < mostUnderWay
        && (bytesAhead == 0 || bytesAhead + next.state.size <= mostBytesAhead);
  }

  /** Whether no batch can grow any more: no image is to come, or only when these have made room. */
  private boolean isLast() {
    return upstream == 0 && (waiting.isEmpty() || running == 0);
  }

  private void run(EncoderRuns encoder, Batch batch) {
    encoder
        .run(batch.items, Ranks.ENCODE_IMAGES.in(batch.window))
        .whenComplete((encodings, failure) -> advance(() -> running--));
  }

  private void read(Waiting file) {
    try {
      readers.execute(() -> readNow(file));
    } catch (RejectedExecutionException e) {
      fail(file, cancelled());
    }
  }

  private static CancellationException cancelled() {
    return new CancellationException("the encoders are closed");
  }

  private void readNow(Waiting file) {
    byte[] bytes;
    try {
      if (closed) {
        fail(file, cancelled());
        return;
      }
      if (file.state.size > ImageLimits.DEFAULT.bytes()) {
        leaveUnread(file);
        return;
      }
      long start = System.nanoTime();
      bytes = Files.readAllBytes(file.state.file);
      times.add(Stage.READ, System.nanoTime() - start, 1);
    } catch (IOException e) {
      // closing interrupts reading, which says nothing about the file
      if (closed) {
        fail(file, cancelled());
      } else {
        leaveUnread(file);
      }
      return;
    } catch (Throwable e) {
      fail(file, e);
      return;
    }
    workers
        .submit(
            Ranks.DECODE_IMAGES.in(file.window),
            1,
            () -> {
              look(file, bytes);
              return bytes.length;
            })
        .whenComplete(
            (length, failure) -> {
              if (failure != null) {
                fail(file, failure);
              }
            });
  }

  private void leaveUnread(Waiting file) {
    Outcome outcome = unreadable(file.state.file);
    leave(file);
    file.outcome.complete(outcome);
  }

  private void fail(Waiting file, Throwable failure) {
    leave(file);
    file.outcome.completeExceptionally(failure);
  }

  /** A file that goes no further makes room. */
  private void leave(Waiting file) {
    advance(
        () -> {
          underWay--;
          upstream--;
          bytesAhead -= file.state.size;
        });
  }

  /** Encodes what a file holds, unless that is known or under way. */
  private void look(Waiting file, byte[] bytes) {
    long start = System.nanoTime();
    String hash = Hashes.sha256(bytes);
    times.add(Stage.HASH, System.nanoTime() - start, 1);
    hashes.put(file.state, hash);
    FeatureCache.Claim<Seen> claim = remembered.claim(hash);
    claim
        .value()
        .whenComplete(
            (made, failure) -> {
              if (failure == null) {
                file.outcome.complete(made.of(file.state.file));
              } else {
                file.outcome.completeExceptionally(failure);
              }
            });
    if (!claim.first()) {
      leave(file);
      return;
    }
    Map<EncoderRuns, EncoderRuns.Item> items;
    try {
      items = prepare(bytes);
    } catch (BrokenImageException e) {
      leave(file);
      claim.value().complete(new Seen(Map.of(), e.reason(), e.getMessage()));
      return;
    } catch (Throwable e) {
      leave(file);
      claim.value().completeExceptionally(e);
      return;
    }
    Map<String, CompletableFuture<Encoding>> ofViews = new LinkedHashMap<>();
    items.forEach((encoder, item) -> ofViews.put(encoder.view(), item.encoding()));
    EncoderRuns.together(ofViews)
        .whenComplete(
            (made, failure) -> {
              advance(() -> underWay--);
              if (failure == null) {
                claim.value().complete(new Seen(made, "", ""));
              } else {
                claim.value().completeExceptionally(failure);
              }
            });
    advance(
        () -> {
          upstream--;
          bytesAhead -= file.state.size;
          items.forEach((encoder, item) -> collect(encoder, item, file.window));
        });
  }

  private Map<EncoderRuns, EncoderRuns.Item> prepare(byte[] bytes) throws BrokenImageException {
    long start = System.nanoTime();
    Content content;
    try {
      content = new Content.Image(decoder.decode(bytes));
    } finally {
      times.add(Stage.DECODE, System.nanoTime() - start, 1);
    }
    Map<EncoderRuns, EncoderRuns.Item> items = new LinkedHashMap<>();
    for (EncoderRuns encoder : encoders) {
      items.put(encoder, new EncoderRuns.Item(encoder.prepare(content), new CompletableFuture<>()));
    }
    return items;
  }

  private void collect(EncoderRuns encoder, EncoderRuns.Item item, long window) {
    open.computeIfAbsent(encoder, some -> new HashMap<>())
        .computeIfAbsent(item.prepared().length(), length -> new Batch(window, new ArrayList<>()))
        .items
        .add(item);
  }

  /** Stops reading; what waits for its turn fails where it is awaited. */
  @Override
  public void close() {
    closed = true;
    List<Waiting> dropped;
    synchronized (this) {
      dropped = List.copyOf(waiting);
      waiting.clear();
    }
    dropped.forEach(file -> file.outcome.completeExceptionally(cancelled()));
    readers.shutdownNow().forEach(Runnable::run);
  }
}
