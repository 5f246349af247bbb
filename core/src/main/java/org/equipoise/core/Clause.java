package org.equipoise.core;

import java.util.List;

/**
 * A reason for a class, as a system that reasons by clauses gives it: atoms that speak for the
 * class together.
 *
 * @param label the class that it speaks for
 * @param round the round of reasoning in which it was found, from 1
 * @param value how true it is, from 0 to 1, by the atoms' truths
 * @param atoms by falling weight
 */
public record Clause(String label, int round, double value, List<Atom> atoms) {
  public Clause {
    atoms = List.copyOf(atoms);
  }

  /**
   * One statement about a part of the post, or about two of them.
   *
   * @param objects the parts, such as {@code token 3} and {@code patch (2, 5)}, counted from 1
   * @param truth how true it is, from 0 to 1
   * @param weight how strongly the clause chose it, from 0 to 1
   * @param factor what it brings to the clause: its truth, times its weight where the clause found
   *     no atom that stands out
   */
  public record Atom(List<String> objects, double truth, double weight, double factor) {
    public Atom {
      objects = List.copyOf(objects);
    }
  }
}
