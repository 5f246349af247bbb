package org.equipoise.encoders;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What was encoded lately, so that a text or an image that comes again is not encoded again.
 * Bounded by the numbers it holds; what was used longest ago goes first. Not safe for several
 * threads.
 *
 * @param <K> what is encoded, or its hash
 * @param <V> what came of it
 */
final class FeatureCache<K, V> {
  private record Entry<V>(V value, long floats) {}

  private final long capacity;
  private final Map<K, Entry<V>> entries = new LinkedHashMap<>(1024, 0.75f, true);
  private long floats;

  /** A cache for so many numbers. */
  FeatureCache(long capacity) {
    this.capacity = capacity;
  }

  Optional<V> get(K key) {
    return Optional.ofNullable(entries.get(key)).map(Entry::value);
  }

  /**
   * Keeps a value.
   *
   * @param size the numbers that it holds, keys and overhead included
   */
  void put(K key, V value, long size) {
    Entry<V> old = entries.put(key, new Entry<>(value, size));
    floats += size - (old == null ? 0 : old.floats);
    Iterator<Entry<V>> eldest = entries.values().iterator();
    while (floats > capacity && eldest.hasNext()) {
      floats -= eldest.next().floats;
      eldest.remove();
    }
  }
}
