package org.equipoise.encoders;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.equipoise.core.Form;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.features.FeatureBatch;
import org.equipoise.core.features.FeatureSource;
import org.equipoise.core.features.FeatureSpec;
import org.equipoise.core.io.Hashes;
import org.equipoise.core.io.Reasons;
import org.equipoise.core.safetensors.DType;
import org.equipoise.core.safetensors.Float16;
import org.equipoise.core.safetensors.SafetensorsFile;

/**
 * A folder of features: {@code manifest.json} and safetensors shards with {@code <view>} {@code [N,
 * T, d]} and {@code mask.<view>} {@code [N, T]}, memory-mapped. A batch costs the copying of its
 * rows. Safe for several threads.
 */
public final class FeatureStore implements FeatureSource {
  private final Path folder;
  private final StoreManifest manifest;
  private final List<View> views;
  private final Shard[] shards;
  private final int[] firstRow;
  private final Map<String, Integer> rows;

  /** One view of one shard. */
  private record Stored(int tokens, ByteBuffer mask, FloatBuffer floats, ShortBuffer halves) {}

  private record Shard(Stored[] views) {}

  private FeatureStore(Path folder, StoreManifest manifest) {
    this.folder = folder;
    this.manifest = manifest;
    views = manifest.header().spec().views();
    shards = new Shard[manifest.shards().size()];
    firstRow = new int[shards.length + 1];
    for (int s = 0; s < shards.length; s++) {
      shards[s] = map(manifest.shards().get(s));
      firstRow[s + 1] = firstRow[s] + manifest.shards().get(s).posts();
    }
    rows = new HashMap<>(2 * manifest.ids().size());
    for (int row = 0; row < manifest.ids().size(); row++) {
      rows.put(manifest.ids().get(row), row);
    }
  }

  /** Where the store lies. */
  public Path folder() {
    return folder;
  }

  /** Whether the folder holds a finished feature store. */
  public static boolean exists(Path folder) {
    return Files.isRegularFile(folder.resolve(StoreManifest.FILE));
  }

  /**
   * Opens a finished store and checks that every file has the size and the tensors that the
   * manifest says; {@link #verify()} checks every byte.
   *
   * @throws WrongUseException if it is not there, not finished, or damaged
   */
  public static FeatureStore open(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new WrongUseException(
          "no feature store "
              + folder
              + (Files.exists(folder) ? ": it is a file; name the folder that encode wrote" : ""));
    }
    if (!exists(folder)) {
      throw new WrongUseException(
          Files.exists(folder.resolve(StoreJournal.FILE))
              ? folder + " is not finished: run encode again to finish it"
              : folder + " is not a feature store: it has no " + StoreManifest.FILE);
    }
    return new FeatureStore(folder, StoreManifest.read(folder.resolve(StoreManifest.FILE)));
  }

  private Shard map(StoreManifest.Shard shard) {
    Path file = folder.resolve(shard.file());
    checkSize(shard, file);
    SafetensorsFile tensors = SafetensorsFile.open(file);
    Stored[] stored = new Stored[views.size()];
    for (int v = 0; v < stored.length; v++) {
      stored[v] = map(tensors, views.get(v), shard);
    }
    return new Shard(stored);
  }

  private static void checkSize(StoreManifest.Shard shard, Path file) {
    long bytes;
    try {
      bytes = Files.size(file);
    } catch (IOException e) {
      throw new WrongUseException(
          "the feature store lacks " + file + "; remove the folder and encode again", e);
    }
    if (bytes != shard.bytes()) {
      throw damaged(file, "it has %d bytes, not %d".formatted(bytes, shard.bytes()));
    }
  }

  private Stored map(SafetensorsFile tensors, View view, StoreManifest.Shard shard) {
    String mask = "mask." + view.name();
    List<Long> shape = tensors.info(view.name()).shape();
    long tokens = shape.size() == 3 ? shape.get(1) : -1;
    if (!shape.equals(List.of((long) shard.posts(), tokens, (long) view.width()))
        || !tensors.info(mask).shape().equals(List.of((long) shard.posts(), tokens))
        || tensors.info(view.name()).type() != manifest.header().type()
        || tensors.info(mask).type() != DType.U8) {
      throw damaged(tensors.path(), "view " + view.name() + " is not as the manifest says");
    }
    ByteBuffer values = tensors.bytes(view.name()).order(ByteOrder.LITTLE_ENDIAN);
    return new Stored(
        (int) tokens, tensors.bytes(mask), values.asFloatBuffer(), values.asShortBuffer());
  }

  private static WrongUseException damaged(Path file, String how) {
    return new WrongUseException(
        file + " is damaged: " + how + "; remove the folder and encode again");
  }

  /**
   * Reads every shard and compares its hash.
   *
   * @throws WrongUseException if a byte has changed; the message names the file
   */
  public void verify() {
    for (StoreManifest.Shard shard : manifest.shards()) {
      Path file = folder.resolve(shard.file());
      try {
        if (!Hashes.sha256(file).equals(shard.sha256())) {
          throw damaged(file, "its content does not match its hash");
        }
      } catch (IOException e) {
        throw new WrongUseException("cannot read " + file + ": " + Reasons.of(e), e);
      }
    }
  }

  /** How the posts were encoded. */
  public FeatureSpec spec() {
    return manifest.header().spec();
  }

  /** All that the manifest says. */
  public StoreManifest manifest() {
    return manifest;
  }

  @Override
  public List<View> views() {
    return views;
  }

  @Override
  public Form form() {
    return spec().form();
  }

  @Override
  public int size() {
    return manifest.ids().size();
  }

  @Override
  public String id(int row) {
    return manifest.ids().get(row);
  }

  /** The row of a post; empty if it is not here. */
  public OptionalInt row(String id) {
    Integer row = rows.get(id);
    return row == null ? OptionalInt.empty() : OptionalInt.of(row);
  }

  /** Whether the post in a row has a view. */
  public boolean has(int row, View view) {
    int s = shard(row);
    return tokens(shards[s].views[views.indexOf(view)], row - firstRow[s]) > 0;
  }

  @Override
  public FeatureBatch batch(int[] rows) {
    List<FeatureBatch.ViewBatch> batches = new ArrayList<>(views.size());
    int[] shardOf = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      shardOf[i] = shard(rows[i]);
    }
    for (int v = 0; v < views.size(); v++) {
      batches.add(batch(v, rows, shardOf));
    }
    return new FeatureBatch(rows.length, batches);
  }

  private FeatureBatch.ViewBatch batch(int v, int[] rows, int[] shardOf) {
    int width = views.get(v).width();
    int[] counts = new int[rows.length];
    int longest = 1;
    for (int i = 0; i < rows.length; i++) {
      counts[i] = tokens(shards[shardOf[i]].views[v], rows[i] - firstRow[shardOf[i]]);
      longest = Math.max(longest, counts[i]);
    }
    float[] values = new float[Math.multiplyExact(rows.length * longest, width)];
    float[] mask = new float[rows.length * longest];
    for (int i = 0; i < rows.length; i++) {
      Stored stored = shards[shardOf[i]].views[v];
      int row = rows[i] - firstRow[shardOf[i]];
      read(stored, row * stored.tokens * width, values, i * longest * width, counts[i] * width);
      for (int t = 0; t < counts[i]; t++) {
        mask[i * longest + t] = stored.mask.get(row * stored.tokens + t);
      }
    }
    return new FeatureBatch.ViewBatch(views.get(v), longest, values, mask);
  }

  private void read(Stored stored, int from, float[] values, int to, int count) {
    if (manifest.header().type() == DType.F32) {
      stored.floats.get(from, values, to, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      values[to + i] = Float16.toFloat(stored.halves.get(from + i));
    }
  }

  /** One more than the last token that is there; 0 where the post lacks the view. */
  private static int tokens(Stored stored, int row) {
    int tokens = stored.tokens;
    while (tokens > 0 && stored.mask.get(row * stored.tokens + tokens - 1) == 0) {
      tokens--;
    }
    return tokens;
  }

  private int shard(int row) {
    if (row < 0 || row >= size()) {
      throw new IndexOutOfBoundsException("row " + row + " of " + size());
    }
    int found = Arrays.binarySearch(firstRow, row);
    return found >= 0 ? found : -found - 2;
  }
}
