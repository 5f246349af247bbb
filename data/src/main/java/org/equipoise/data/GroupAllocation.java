package org.equipoise.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;

/**
 * Divides posts by groups that must stay whole, so that sizes come near what was asked for and
 * every part keeps the shares of the classes. A few groups are searched exhaustively; many are
 * dealt out one after the other, large ones first, each to where it helps most.
 */
final class GroupAllocation {
  /** 65,536 subsets take milliseconds. */
  private static final int EXHAUSTIVE_GROUPS = 16;

  /** A deviation of class shares by 0.1 weighs as much as a size that is 80 % off. */
  private static final double BALANCE_WEIGHT = 8;

  /** Groups of at least this share of the posts are dealt before the small ones. */
  private static final double LARGE = 0.01;

  private static final int TRIES = 20;

  /** If the best choices are not accepted, the others will hardly be. */
  private static final int CANDIDATES = 64;

  private final long[][] counts;
  private final long[] sizes;
  private final long[] totals;
  private final long size;
  private final long seed;

  /**
   * @param counts posts of each class in each group
   * @param seed decides between choices that are as good
   */
  GroupAllocation(long[][] counts, long seed) {
    this.counts = counts;
    this.seed = seed;
    totals = new long[counts.length == 0 ? 0 : counts[0].length];
    for (long[] group : counts) {
      for (int c = 0; c < totals.length; c++) {
        totals[c] += group[c];
      }
    }
    sizes = Arrays.stream(counts).mapToLong(group -> Arrays.stream(group).sum()).toArray();
    size = Arrays.stream(totals).sum();
  }

  /**
   * Groups that together hold about the given share of the posts, every class, and leave every
   * class behind.
   *
   * @param accepts a further condition, asked for the better choices first
   * @return the best choice, or an empty set if there is none
   */
  BitSet holdOut(double share, Predicate<BitSet> accepts) {
    if (counts.length <= EXHAUSTIVE_GROUPS) {
      for (BitSet candidate : everySubset(share)) {
        if (accepts.test(candidate)) {
          return candidate;
        }
      }
      return new BitSet();
    }
    Random random = new Random(seed);
    for (int attempt = 0; attempt < TRIES; attempt++) {
      BitSet candidate = dealt(share, random);
      if (!candidate.isEmpty() && accepts.test(candidate)) {
        return candidate;
      }
    }
    return new BitSet();
  }

  private record Scored(int subset, double cost) {}

  private List<BitSet> everySubset(double share) {
    List<Integer> order = shuffled(new Random(seed));
    List<Scored> scored = new ArrayList<>();
    for (int subset = 1; subset < (1 << counts.length) - 1; subset++) {
      long[] held = new long[totals.length];
      for (int i = 0; i < counts.length; i++) {
        if ((subset >> i & 1) != 0) {
          add(held, counts[order.get(i)]);
        }
      }
      long heldSize = Arrays.stream(held).sum();
      if (dividesClasses(held) && heldSize * 2 <= size) {
        scored.add(new Scored(subset, cost(held, heldSize, share)));
      }
    }
    scored.sort(Comparator.comparingDouble(Scored::cost));
    List<BitSet> subsets = new ArrayList<>();
    for (Scored candidate : scored.subList(0, Math.min(CANDIDATES, scored.size()))) {
      BitSet groups = new BitSet();
      for (int i = 0; i < counts.length; i++) {
        if ((candidate.subset() >> i & 1) != 0) {
          groups.set(order.get(i));
        }
      }
      subsets.add(groups);
    }
    return subsets;
  }

  private double cost(long[] held, long heldSize, double share) {
    double imbalance = 0;
    for (int c = 0; c < totals.length; c++) {
      imbalance += Math.abs((double) held[c] / heldSize - (double) totals[c] / size);
    }
    return BALANCE_WEIGHT * imbalance / 2 + Math.abs(heldSize / (share * size) - 1);
  }

  private boolean dividesClasses(long[] held) {
    for (int c = 0; c < totals.length; c++) {
      if (held[c] == 0 || held[c] == totals[c]) {
        return false;
      }
    }
    return true;
  }

  /** Groups taken in a random order, large ones first, while they help; none if a class lacks. */
  private BitSet dealt(double share, Random random) {
    BitSet groups = new BitSet();
    long[] held = new long[totals.length];
    for (int group : largeFirst(shuffled(random))) {
      double gain = 0;
      for (int c = 0; c < totals.length; c++) {
        gain += gain(held[c], counts[group][c], share * totals[c]);
      }
      if (gain > 0) {
        groups.set(group);
        add(held, counts[group]);
      }
    }
    return dividesClasses(held) ? groups : new BitSet();
  }

  /**
   * Deals all groups to so many parts of about the same size.
   *
   * @return the part of each group
   */
  int[] deal(int parts) {
    Random random = new Random(seed);
    List<Integer> order = new ArrayList<>(shuffled(random));
    // the largest first, equals in random order: what comes last should be easy to place
    order.sort(Comparator.comparingLong(group -> -sizes[group]));
    List<Integer> partOrder = new ArrayList<>();
    for (int part = 0; part < parts; part++) {
      partOrder.add(part);
    }
    Collections.shuffle(partOrder, random);
    long[][] held = new long[parts][totals.length];
    int[] dealt = new int[counts.length];
    for (int group : order) {
      int best = -1;
      double bestGain = Double.NEGATIVE_INFINITY;
      for (int part : partOrder) {
        double gain = 0;
        for (int c = 0; c < totals.length; c++) {
          gain += gain(held[part][c], counts[group][c], (double) totals[c] / parts);
        }
        if (gain > bestGain) {
          bestGain = gain;
          best = part;
        }
      }
      dealt[group] = best;
      add(held[best], counts[group]);
    }
    return dealt;
  }

  /** By how much the squared relative deviation of a class from its target falls. */
  private static double gain(long held, long added, double target) {
    if (target == 0) {
      return 0;
    }
    double before = (held - target) / target;
    double after = (held + added - target) / target;
    return before * before - after * after;
  }

  private static void add(long[] held, long[] group) {
    for (int c = 0; c < held.length; c++) {
      held[c] += group[c];
    }
  }

  private List<Integer> shuffled(Random random) {
    List<Integer> order = new ArrayList<>();
    for (int group = 0; group < counts.length; group++) {
      order.add(group);
    }
    Collections.shuffle(order, random);
    return order;
  }

  private List<Integer> largeFirst(List<Integer> order) {
    List<Integer> sorted = new ArrayList<>(order);
    sorted.sort(Comparator.comparing(group -> sizes[group] < LARGE * size));
    return sorted;
  }
}
