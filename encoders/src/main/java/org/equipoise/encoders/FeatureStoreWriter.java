package org.equipoise.encoders;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.equipoise.core.Form;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.features.ExtractedPost;
import org.equipoise.core.features.Features;
import org.equipoise.core.io.AtomicFiles;
import org.equipoise.core.io.Hashes;
import org.equipoise.core.io.Json;
import org.equipoise.core.safetensors.DType;
import org.equipoise.core.safetensors.Float16;
import org.equipoise.core.safetensors.SafetensorsWriter;
import org.equipoise.core.safetensors.TensorInfo;

/**
 * Writes a feature store shard by shard. A shard is whole on disk before the journal says that it
 * is there; the manifest comes last. So a process that dies loses at most the shard in flight, and
 * opening the folder again goes on after the last whole shard, with the same bytes in the end. Not
 * safe for several threads.
 */
public final class FeatureStoreWriter implements AutoCloseable {
  private final Path folder;
  private final StoreHeader header;
  private final StoreJournal journal;
  private final List<View> views;
  private final List<String> consumed = new ArrayList<>();
  private final Set<String> ids = new HashSet<>();
  private int replayed;

  private final List<ExtractedPost> pending = new ArrayList<>();
  private final List<StoreJournal.Skipped> pendingSkipped = new ArrayList<>();
  private final int[] pendingTokens;

  private FeatureStoreWriter(Path folder, StoreJournal journal) {
    this.folder = folder;
    this.journal = journal;
    header = journal.header();
    views = header.spec().views();
    pendingTokens = new int[views.size()];
    clearPending();
    for (StoreJournal.Line line : journal.lines()) {
      int next = 0;
      for (int kept = 0; kept <= line.ids().size(); kept++) {
        while (next < line.skipped().size() && line.skipped().get(next).after() == kept) {
          consumed.add(line.skipped().get(next++).post().id());
        }
        if (kept < line.ids().size()) {
          consumed.add(line.ids().get(kept));
        }
      }
      ids.addAll(line.ids());
    }
  }

  /**
   * Starts a store, or goes on with the one begun in that folder. What was fixed at its beginning
   * stays: number of threads and size of shards.
   *
   * @throws WrongUseException if the folder holds something else, a finished store, or a store made
   *     otherwise; or if another process is writing to it
   */
  public static FeatureStoreWriter open(Path folder, StoreHeader header) {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new WrongUseException(folder + " is a file; features are written to a folder");
    }
    if (FeatureStore.exists(folder)) {
      throw new WrongUseException(folder + " holds a finished feature store already");
    }
    try {
      Files.createDirectories(folder);
      if (!Files.exists(folder.resolve(StoreJournal.FILE)) && !isEmpty(folder)) {
        throw new WrongUseException(
            folder + " is neither empty nor a feature store; name another folder");
      }
      StoreJournal journal = StoreJournal.open(folder, header);
      Optional<String> difference = difference(journal.header(), header);
      if (difference.isPresent()) {
        journal.close();
        throw new WrongUseException(
            "%s was begun otherwise: %s; go on with the same options, or name another folder"
                .formatted(folder, difference.get()));
      }
      return new FeatureStoreWriter(folder, journal);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to " + folder + ": " + e.getMessage(), e);
    }
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }

  /** In words, why features of one header may not stand beside those of another. */
  static Optional<String> difference(StoreHeader recorded, StoreHeader given) {
    if (recorded.spec().form() != given.spec().form()) {
      return Optional.of(
          "its form is %s, not %s"
              .formatted(recorded.spec().form().id(), given.spec().form().id()));
    }
    if (recorded.type() != given.type()) {
      return Optional.of(
          "its type is %s, not %s"
              .formatted(
                  StoreManifest.dtypeName(recorded.type()), StoreManifest.dtypeName(given.type())));
    }
    if (recorded.device() != given.device()) {
      return Optional.of(
          "its networks ran on %s, not %s".formatted(recorded.device().id(), given.device().id()));
    }
    if (!recorded.data().equals(given.data())) {
      return Optional.of("it is of other posts (the data's fingerprint differs)");
    }
    if (!recorded.spec().views().equals(given.spec().views())) {
      return Optional.of("its views are " + names(recorded) + ", not " + names(given));
    }
    return given.spec().mismatch(recorded.spec());
  }

  private static String names(StoreHeader header) {
    return header.spec().views().stream()
        .map(view -> view.name() + " (" + view.width() + ")")
        .toList()
        .toString();
  }

  /** How the store is made; where it was begun earlier, as it was begun. */
  public StoreHeader header() {
    return header;
  }

  /** How many posts, used or skipped, were on disk when it was opened. */
  public int written() {
    return consumed.size();
  }

  /**
   * To be asked for each post, in order, before it is encoded: whether it is on disk from before
   * and needs nothing more.
   *
   * @throws WrongUseException if the post in that place was another one then
   */
  public boolean passOver(String id) {
    if (replayed == consumed.size()) {
      return false;
    }
    if (!consumed.get(replayed).equals(id)) {
      throw new WrongUseException(
          "%s was begun with other posts: number %d was '%s', now it is '%s'; name another folder"
              .formatted(folder, replayed + 1, consumed.get(replayed), id));
    }
    replayed++;
    return true;
  }

  /**
   * Adds the next post, or notes why it is left out.
   *
   * @throws WrongUseException if its id came before
   * @throws UncheckedIOException if the disk fails, with what to do; shards on disk stay
   */
  public void add(ExtractedPost post) {
    if (replayed < consumed.size()) {
      throw new IllegalStateException("posts on disk must be passed over first");
    }
    if (post.skipped().isPresent()) {
      pendingSkipped.add(new StoreJournal.Skipped(pending.size(), post.skipped().get()));
      return;
    }
    if (!ids.add(post.id())) {
      throw new WrongUseException("two posts have the id '" + post.id() + "'; ids must be unique");
    }
    int[] tokens = pendingTokens.clone();
    for (int v = 0; v < tokens.length; v++) {
      Features features = post.views().get(views.get(v).name());
      if (features != null) {
        checkShape(post.id(), views.get(v), features);
        tokens[v] = Math.max(tokens[v], features.tokens());
      }
    }
    if (!pending.isEmpty() && bytes(pending.size() + 1, tokens) > header.shardBytes()) {
      writeShard();
      for (int v = 0; v < tokens.length; v++) {
        Features features = post.views().get(views.get(v).name());
        tokens[v] = features == null ? 1 : features.tokens();
      }
    }
    System.arraycopy(tokens, 0, pendingTokens, 0, tokens.length);
    pending.add(post);
    if (pending.size() == header.shardPosts()) {
      writeShard();
    }
  }

  private void checkShape(String id, View view, Features features) {
    if (features.width() != view.width()
        || (header.spec().form() == Form.POOLED && features.tokens() != 1)) {
      throw new IllegalArgumentException(
          "post %s, view %s: [%d, %d] does not fit %s of width %d"
              .formatted(
                  id,
                  view.name(),
                  features.tokens(),
                  features.width(),
                  header.spec().form().id(),
                  view.width()));
    }
  }

  private long bytes(int posts, int[] tokens) {
    long bytes = 0;
    for (int v = 0; v < tokens.length; v++) {
      bytes += (long) posts * tokens[v] * (views.get(v).width() * header.type().bytes() + 1);
    }
    return bytes;
  }

  private void writeShard() {
    String name = "shard-%05d.safetensors".formatted(journal.lines().size());
    Path file = folder.resolve(name);
    SafetensorsWriter writer = new SafetensorsWriter();
    Map<String, Long> present = new LinkedHashMap<>();
    Map<String, Long> truncated = new LinkedHashMap<>();
    for (int v = 0; v < pendingTokens.length; v++) {
      View view = views.get(v);
      addView(writer, view, pendingTokens[v]);
      present.put(
          view.name(),
          pending.stream().filter(post -> post.views().containsKey(view.name())).count());
      truncated.put(
          view.name(),
          pending.stream().filter(post -> post.truncated().contains(view.name())).count());
    }
    try {
      writer.write(file);
      journal.append(
          new StoreJournal.Line(
              new StoreManifest.Shard(
                  name, pending.size(), Files.size(file), Hashes.sha256(file), present, truncated),
              pending.stream().map(ExtractedPost::id).toList(),
              List.copyOf(pendingSkipped)));
    } catch (IOException e) {
      throw failed(file, e);
    }
    clearPending();
  }

  private void clearPending() {
    pending.clear();
    pendingSkipped.clear();
    Arrays.fill(pendingTokens, 1);
  }

  private UncheckedIOException failed(Path file, IOException cause) {
    return new UncheckedIOException(
        "cannot write %s: %s; whole shards so far (%d) are safe: make room and run encode again"
            .formatted(file, cause.getMessage(), journal.lines().size()),
        cause);
  }

  private void addView(SafetensorsWriter writer, View view, int tokens) {
    int posts = pending.size();
    int width = view.width();
    byte[] mask = new byte[posts * tokens];
    float[] values = new float[Math.multiplyExact(posts * tokens, width)];
    for (int n = 0; n < posts; n++) {
      Features features = pending.get(n).views().get(view.name());
      if (features != null) {
        System.arraycopy(
            features.values(), 0, values, n * tokens * width, features.values().length);
        Arrays.fill(mask, n * tokens, n * tokens + features.tokens(), (byte) 1);
      }
    }
    if (header.type() == DType.F16) {
      writer.addBytes(TensorInfo.of(view.name(), DType.F16, posts, tokens, width), halves(values));
    } else {
      writer.add(view.name(), values, posts, tokens, width);
    }
    writer.addBytes(TensorInfo.of("mask." + view.name(), DType.U8, posts, tokens), mask);
  }

  private static byte[] halves(float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Short.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putShort(Float16.toFloat16(value));
    }
    return bytes.array();
  }

  /**
   * Writes the last shard, the list of skipped posts and the manifest; the store is finished.
   *
   * @throws WrongUseException if posts that are on disk did not come again
   * @throws UncheckedIOException if the disk fails, with what to do; shards on disk stay
   */
  public StoreManifest finish() {
    if (replayed < consumed.size()) {
      throw new WrongUseException(
          "%s was begun with more posts: '%s' is missing now; name another folder"
              .formatted(folder, consumed.get(replayed)));
    }
    List<StoreJournal.Skipped> trailing = List.of();
    if (pending.isEmpty()) {
      trailing = List.copyOf(pendingSkipped);
    } else {
      writeShard();
    }
    List<Map<String, Object>> skipped =
        Stream.concat(
                journal.lines().stream().flatMap(line -> line.skipped().stream()),
                trailing.stream())
            .map(post -> StoreJournal.Skipped.toJson(post.post()))
            .toList();
    StoreManifest manifest =
        new StoreManifest(
            header,
            journal.lines().stream().flatMap(line -> line.ids().stream()).toList(),
            journal.lines().stream().map(StoreJournal.Line::shard).toList(),
            skipped.size());
    Path file = folder.resolve(StoreManifest.SKIPPED_FILE);
    try {
      AtomicFiles.write(
          file, String.join("", skipped.stream().map(post -> Json.line(post) + "\n").toList()));
      file = folder.resolve(StoreManifest.FILE);
      AtomicFiles.write(file, Json.pretty(manifest.toJson()));
    } catch (IOException e) {
      throw failed(file, e);
    }
    journal.delete();
    return manifest;
  }

  /** Leaves what is on disk for the next time; posts of the shard in flight are dropped. */
  @Override
  public void close() {
    journal.close();
  }
}
