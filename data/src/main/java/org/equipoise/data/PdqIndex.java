package org.equipoise.data;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import org.equipoise.media.PdqHash;

/**
 * Finds all hashes within {@value PdqHash#NEAR_DUPLICATE} bits of another by multi-index hashing
 * (Norouzi, Punjani, Fleet: Fast Exact Search in Hamming Space with Multi-Index Hashing, 2014). A
 * hash of 256 bits is cut into 16 slots of 16 bits. Two hashes that differ in at most 31 bits
 * differ in at most one bit in one slot at least, so that 17 buckets a slot hold every neighbour:
 * exact, and a thousandth of the comparisons of a scan. Immutable, safe for several threads.
 */
final class PdqIndex {
  private static final int SLOTS = 16;
  private static final int SLOT_BITS = 16;
  private static final int BUCKETS = 1 << SLOT_BITS;

  private final long[] bits;
  private final int[][] bucketStarts = new int[SLOTS][];
  private final int[][] members = new int[SLOTS][];

  /** Indexes the hashes by their position. */
  PdqIndex(List<PdqHash> hashes) {
    bits = new long[hashes.size() * 4];
    for (int i = 0; i < hashes.size(); i++) {
      PdqHash hash = hashes.get(i);
      bits[4 * i] = hash.bits0();
      bits[4 * i + 1] = hash.bits1();
      bits[4 * i + 2] = hash.bits2();
      bits[4 * i + 3] = hash.bits3();
    }
    for (int slot = 0; slot < SLOTS; slot++) {
      fill(slot);
    }
  }

  /** Counting sort of the positions by their bucket. */
  private void fill(int slot) {
    int count = bits.length / 4;
    int[] starts = new int[BUCKETS + 1];
    for (int i = 0; i < count; i++) {
      starts[value(slot, bits[4 * i + slot / 4]) + 1]++;
    }
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      starts[bucket + 1] += starts[bucket];
    }
    int[] next = Arrays.copyOf(starts, BUCKETS);
    int[] sorted = new int[count];
    for (int i = 0; i < count; i++) {
      sorted[next[value(slot, bits[4 * i + slot / 4])]++] = i;
    }
    bucketStarts[slot] = starts;
    members[slot] = sorted;
  }

  private static int value(int slot, long word) {
    return (int) (word >>> ((slot & 3) * SLOT_BITS)) & (BUCKETS - 1);
  }

  /** Bits in which the hash at that position differs. */
  int distance(int position, PdqHash hash) {
    int at = 4 * position;
    return Long.bitCount(bits[at] ^ hash.bits0())
        + Long.bitCount(bits[at + 1] ^ hash.bits1())
        + Long.bitCount(bits[at + 2] ^ hash.bits2())
        + Long.bitCount(bits[at + 3] ^ hash.bits3());
  }

  /** Hands on each position within the distance of a near-duplicate, some more than once. */
  void forEachNear(PdqHash hash, IntConsumer positions) {
    for (int slot = 0; slot < SLOTS; slot++) {
      int value = value(slot, word(hash, slot / 4));
      bucket(slot, value, hash, positions);
      for (int bit = 0; bit < SLOT_BITS; bit++) {
        bucket(slot, value ^ (1 << bit), hash, positions);
      }
    }
  }

  private void bucket(int slot, int value, PdqHash hash, IntConsumer positions) {
    int[] inSlot = members[slot];
    int end = bucketStarts[slot][value + 1];
    for (int i = bucketStarts[slot][value]; i < end; i++) {
      if (distance(inSlot[i], hash) <= PdqHash.NEAR_DUPLICATE) {
        positions.accept(inSlot[i]);
      }
    }
  }

  private static long word(PdqHash hash, int index) {
    return switch (index) {
      case 0 -> hash.bits0();
      case 1 -> hash.bits1();
      case 2 -> hash.bits2();
      default -> hash.bits3();
    };
  }

  /** The nearest position within the distance of a near-duplicate, the first of equals, or -1. */
  int nearest(PdqHash hash) {
    int[] best = {-1, PdqHash.NEAR_DUPLICATE + 1};
    forEachNear(
        hash,
        position -> {
          int distance = distance(position, hash);
          if (distance < best[1] || (distance == best[1] && position < best[0])) {
            best[0] = position;
            best[1] = distance;
          }
        });
    return best[0];
  }
}
