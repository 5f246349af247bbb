package org.equipoise.data;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Whole numbers in given proportions. */
final class Shares {
  private Shares() {}

  /**
   * Divides a total in proportion to the sizes (Hamilton's method): each gets its share rounded
   * down, and what is left goes to the largest remainders.
   */
  static List<Integer> largestRemainder(List<Integer> sizes, int total) {
    long sum = sizes.stream().mapToLong(Integer::longValue).sum();
    List<Integer> shares = new ArrayList<>();
    int given = 0;
    for (int size : sizes) {
      int share = (int) ((long) size * total / sum);
      shares.add(share);
      given += share;
    }
    List<Integer> byRemainder =
        IntStream.range(0, sizes.size())
            .boxed()
            .sorted(Comparator.comparingLong(i -> -((long) sizes.get(i) * total % sum)))
            .toList();
    for (int i = 0; given < total; i++, given++) {
      int index = byRemainder.get(i);
      shares.set(index, shares.get(index) + 1);
    }
    return shares;
  }
}
