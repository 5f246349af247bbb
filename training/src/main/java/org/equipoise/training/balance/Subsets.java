package org.equipoise.training.balance;

import java.util.ArrayList;
import java.util.List;

/** Sets of units as bits: bit u is set where unit u belongs to the set. */
final class Subsets {
  private Subsets() {}

  /** The set of all. */
  static int all(int units) {
    return (1 << units) - 1;
  }

  /** The units that a set leaves out. */
  static List<String> missing(int set, List<String> units) {
    List<String> missing = new ArrayList<>();
    for (int u = 0; u < units.size(); u++) {
      if ((set >> u & 1) == 0) {
        missing.add(units.get(u));
      }
    }
    return missing;
  }

  /** {@code |S|! (V − |S| − 1)! / V!}: the weight of a set without a unit in its Shapley value. */
  static double shapleyWeight(int size, int units) {
    double weight = 1.0 / units;
    for (int i = 1; i <= size; i++) {
      weight *= (double) i / (units - i);
    }
    return weight;
  }

  /** A unit's Shapley value: {@code Σ_{S without u} weight(S) (v(S ∪ u) − v(S))}. */
  static double shapley(int unit, int units, Values values) {
    double sum = 0;
    for (int set = 0; set <= all(units); set++) {
      if ((set >> unit & 1) == 0) {
        sum +=
            shapleyWeight(Integer.bitCount(set), units)
                * (values.of(set | 1 << unit) - values.of(set));
      }
    }
    return sum;
  }

  /** What sets are worth. */
  interface Values {
    double of(int set);
  }
}
