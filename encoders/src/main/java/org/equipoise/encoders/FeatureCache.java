package org.equipoise.encoders;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToLongBiFunction;

/**
 * What was made lately or is being made, so that a text or an image that comes again is not encoded
 * again. Bounded by the memory that finished values take; what was used longest ago goes first.
 * Safe for several threads.
 *
 * @param <K> what is encoded, or its hash
 * @param <V> what came of it
 */
final class FeatureCache<K, V> {
  private record Entry<V>(V value, long bytes) {}

  private final long capacity;
  private final ToLongBiFunction<K, V> size;
  private final Map<K, Entry<V>> kept = new LinkedHashMap<>(1024, 0.75f, true);
  private final Map<K, CompletableFuture<V>> coming = new HashMap<>();
  private long bytes;

  /**
   * A value that is known or to come.
   *
   * @param first whether it is neither, and the caller is the one to make and complete it
   */
  record Claim<V>(CompletableFuture<V> value, boolean first) {}

  /**
   * An empty cache.
   *
   * @param capacity bytes
   * @param size of a key and its value, overhead included
   */
  FeatureCache(long capacity, ToLongBiFunction<K, V> size) {
    this.capacity = capacity;
    this.size = size;
  }

  /** A finished value. */
  synchronized Optional<V> find(K key) {
    return Optional.ofNullable(kept.get(key)).map(Entry::value);
  }

  /** The value of a key; the first who asks must complete it, with a value or a failure. */
  Claim<V> claim(K key) {
    CompletableFuture<V> value;
    synchronized (this) {
      Entry<V> known = kept.get(key);
      if (known != null) {
        return new Claim<>(CompletableFuture.completedFuture(known.value), false);
      }
      value = coming.get(key);
      if (value != null) {
        return new Claim<>(value, false);
      }
      value = new CompletableFuture<>();
      coming.put(key, value);
    }
    value.whenComplete(
        (made, failure) -> {
          synchronized (this) {
            coming.remove(key);
            if (failure == null) {
              put(key, made);
            }
          }
        });
    return new Claim<>(value, true);
  }

  /** Keeps a value. */
  synchronized void put(K key, V value) {
    Entry<V> added = new Entry<>(value, size.applyAsLong(key, value));
    Entry<V> old = kept.put(key, added);
    bytes += added.bytes - (old == null ? 0 : old.bytes);
    Iterator<Entry<V>> eldest = kept.values().iterator();
    while (bytes > capacity && eldest.hasNext()) {
      bytes -= eldest.next().bytes;
      eldest.remove();
    }
  }
}
