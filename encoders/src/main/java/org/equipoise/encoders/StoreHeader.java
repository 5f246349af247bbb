package org.equipoise.encoders;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.features.FeatureSpec;
import org.equipoise.core.safetensors.DType;

/**
 * What is fixed before a feature store's first post.
 *
 * @param spec how posts become features
 * @param type {@code F32} or {@code F16}
 * @param data fingerprint of the posts; may be empty
 * @param threads how many threads the encoders use
 * @param threadsEach how many of them a run of a view's network takes, by view
 * @param device where networks run
 * @param shardPosts the most posts of a shard
 * @param shardBytes a shard is closed once its tensors take as many bytes
 */
public record StoreHeader(
    FeatureSpec spec,
    DType type,
    String data,
    int threads,
    Map<String, Integer> threadsEach,
    EncoderOptions.Device device,
    int shardPosts,
    long shardBytes) {
  /** The most posts of a shard, unless told otherwise. */
  public static final int SHARD_POSTS = 1024;

  /** Bytes after which a shard is closed, unless told otherwise. */
  public static final long SHARD_BYTES = 64L << 20;

  public StoreHeader {
    Objects.requireNonNull(spec, "spec");
    Objects.requireNonNull(device, "device");
    threadsEach = Collections.unmodifiableMap(new LinkedHashMap<>(threadsEach));
    if (type != DType.F32 && type != DType.F16) {
      throw new WrongUseException("features are stored as float32 or float16, not " + type);
    }
    if (threads < 1 || shardPosts < 1 || shardBytes < 1) {
      throw new WrongUseException("threads, posts and bytes per shard must be at least 1");
    }
  }

  /** On the processor, one thread for each run, with shards of the usual size. */
  public StoreHeader(FeatureSpec spec, DType type, String data, int threads) {
    this(spec, type, data, threads, Map.of(), EncoderOptions.Device.CPU, SHARD_POSTS, SHARD_BYTES);
  }
}
