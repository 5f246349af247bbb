package org.equipoise.data;

import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;
import com.dynatrace.hash4j.similarity.ElementHashProvider;
import com.dynatrace.hash4j.similarity.SimilarityHashPolicy;
import com.dynatrace.hash4j.similarity.SimilarityHasher;
import com.dynatrace.hash4j.similarity.SimilarityHashing;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds texts by the Jaccard similarity of their {@link Shingles} (Broder: On the resemblance and
 * containment of documents, 1997). A MinHash signature of 128 components is cut into 32 bands of
 * four: two texts that agree in a band are candidates, and each candidate's similarity is then
 * computed exactly. Texts of similarity s are candidates with probability 1 − (1 − s⁴)³², 0.9998 at
 * 0.7. Immutable; a {@link Search} belongs to one thread.
 */
final class TextIndex {
  /** The least similarity of near-duplicates. */
  static final double NEAR_DUPLICATE = 0.7;

  private static final int ROWS = 4;
  private static final int BANDS = 32;

  /**
   * How many candidates are compared in search of the nearest: a phrase that a hundred thousand
   * posts share must not make each look-up compare them all.
   */
  private static final int MAXIMUM_COMPARED = 2_000;

  private static final SimilarityHashPolicy MIN_HASH =
      SimilarityHashing.superMinHash(ROWS * BANDS, Integer.SIZE);
  private static final Hasher64 HASHER = Hashing.komihash5_0();

  private final int[] textOf;
  private final long[] pieces;
  private final int[] starts;
  private final Map<Long, Integer> exact = new HashMap<>();

  /** For each band the band's hash in the upper half and the text in the lower, sorted. */
  private final long[][] bands = new long[BANDS][];

  /** Indexes the texts; those with the same pieces become one. */
  TextIndex(List<String> texts, int threads) {
    long[][] sets = new long[texts.size()][];
    Parallel.range(texts.size(), threads, i -> sets[i] = Shingles.of(texts.get(i)));
    textOf = new int[sets.length];
    int count = 0;
    int total = 0;
    for (int i = 0; i < sets.length; i++) {
      if (sets[i].length == 0) {
        textOf[i] = -1;
        continue;
      }
      Integer known = exact.putIfAbsent(Shingles.fingerprint(sets[i]), count);
      textOf[i] = known == null ? count++ : known;
      if (known == null) {
        total += sets[i].length;
      } else {
        sets[i] = null;
      }
    }
    pieces = new long[total];
    starts = new int[count + 1];
    int next = 0;
    for (int i = 0; i < sets.length; i++) {
      if (textOf[i] >= 0 && sets[i] != null) {
        System.arraycopy(sets[i], 0, pieces, starts[next], sets[i].length);
        starts[next + 1] = starts[next] + sets[i].length;
        next++;
        sets[i] = null;
      }
    }
    for (int band = 0; band < BANDS; band++) {
      bands[band] = new long[count];
    }
    Parallel.range(
        count,
        threads,
        () -> {
          SimilarityHasher hasher = MIN_HASH.createHasher();
          return text -> sign(text, hasher);
        });
    Parallel.range(BANDS, threads, band -> Arrays.sort(bands[band]));
  }

  private void sign(int text, SimilarityHasher hasher) {
    int start = starts[text];
    byte[] signature =
        hasher.compute(
            ElementHashProvider.ofFunction(i -> pieces[start + i], starts[text + 1] - start));
    for (int band = 0; band < BANDS; band++) {
      bands[band][text] = bandHash(signature, band) << 32 | text;
    }
  }

  /** Components of 32 bits lie one after the other, so a band is a range of bytes. */
  private static long bandHash(byte[] signature, int band) {
    int bytes = ROWS * Integer.BYTES;
    return HASHER.hashBytesToLong(signature, band * bytes, bytes) >>> 33;
  }

  /** Which distinct text the given one is; -1 for a text without words. */
  int textOf(int position) {
    return textOf[position];
  }

  /** Distinct texts. */
  int size() {
    return starts.length - 1;
  }

  /** A searcher for one thread. */
  Search search() {
    return new Search();
  }

  /** Looks texts up; not safe for several threads. */
  final class Search {
    private final SimilarityHasher hasher = MIN_HASH.createHasher();
    private final int[] seen = new int[size()];
    private int query;

    /** The text of the largest similarity, the first of equals; -1 if no text is a candidate. */
    int nearest(String text) {
      return find(text, Double.POSITIVE_INFINITY, MAXIMUM_COMPARED);
    }

    /** Whether some text has at least the similarity of a near-duplicate. */
    boolean hasNearDuplicate(String text) {
      return find(text, NEAR_DUPLICATE, Integer.MAX_VALUE) >= 0;
    }

    /** The best text if nothing reaches {@code enough}; with a finite one, -1 in that case. */
    private int find(String text, double enough, int maximumCompared) {
      long[] set = Shingles.of(text);
      if (set.length == 0 || size() == 0) {
        return -1;
      }
      Integer same = exact.get(Shingles.fingerprint(set));
      if (same != null) {
        return same;
      }
      byte[] signature = hasher.compute(ElementHashProvider.ofValues(set));
      query++;
      int best = -1;
      double bestSimilarity = 0;
      int compared = 0;
      for (int band = 0; band < BANDS; band++) {
        long[] sorted = bands[band];
        long hash = bandHash(signature, band);
        int at = Arrays.binarySearch(sorted, hash << 32);
        for (int i = at >= 0 ? at : -at - 1; i < sorted.length && sorted[i] >>> 32 == hash; i++) {
          int candidate = (int) sorted[i];
          if (seen[candidate] == query) {
            continue;
          }
          seen[candidate] = query;
          double similarity =
              Shingles.jaccard(
                  set, 0, set.length, pieces, starts[candidate], starts[candidate + 1]);
          if (similarity >= enough) {
            return candidate;
          }
          if (similarity > bestSimilarity || (similarity == bestSimilarity && candidate < best)) {
            best = candidate;
            bestSimilarity = similarity;
          }
          if (++compared >= maximumCompared) {
            return best;
          }
        }
      }
      return Double.isInfinite(enough) ? best : -1;
    }
  }
}
