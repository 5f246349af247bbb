package org.equipoise.lab.floors;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * Minimises a smooth convex function by limited-memory BFGS with a backtracking line search
 * (Nocedal and Wright, Numerical Optimization, 2nd ed., Algorithms 7.4 and 3.1). It is our own
 * because no permissively licensed Java library offers the method.
 */
final class Lbfgs {
  private static final int MEMORY = 20;
  private static final double SUFFICIENT_DECREASE = 1e-4;
  private static final int MAX_HALVINGS = 40;

  private Lbfgs() {}

  /** A function and its gradient. */
  @FunctionalInterface
  interface Objective {
    /** The value at the point; the gradient there is written into the second array. */
    double evaluate(double[] point, double[] gradient);
  }

  /**
   * Where the search ended.
   *
   * @param converged whether no element of the gradient is larger than the tolerance
   */
  record Minimum(double[] point, double value, int iterations, boolean converged) {}

  private record Step(double[] s, double[] y, double rho) {}

  static Minimum minimise(
      Objective objective, double[] start, double tolerance, int maxIterations) {
    int n = start.length;
    double[] point = start.clone();
    double[] gradient = new double[n];
    double value = objective.evaluate(point, gradient);
    Deque<Step> memory = new ArrayDeque<>();
    double[] next = new double[n];
    double[] nextGradient = new double[n];
    for (int iteration = 0; iteration < maxIterations; iteration++) {
      double steepest = largest(gradient);
      if (steepest <= tolerance) {
        return new Minimum(point, value, iteration, true);
      }
      double[] direction = direction(gradient, memory);
      double slope = dot(gradient, direction);
      double length = memory.isEmpty() ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
      double nextValue = Double.NaN;
      int halvings = 0;
      for (; halvings < MAX_HALVINGS; halvings++, length /= 2) {
        for (int i = 0; i < n; i++) {
          next[i] = point[i] + length * direction[i];
        }
        nextValue = objective.evaluate(next, nextGradient);
        if (nextValue <= value + SUFFICIENT_DECREASE * length * slope) {
          break;
        }
      }
      if (halvings == MAX_HALVINGS) {
        // the decrease that is left is below what the arithmetic resolves
        return new Minimum(point, value, iteration, false);
      }
      remember(memory, point, next, gradient, nextGradient);
      System.arraycopy(next, 0, point, 0, n);
      System.arraycopy(nextGradient, 0, gradient, 0, n);
      value = nextValue;
    }
    return new Minimum(point, value, maxIterations, largest(gradient) <= tolerance);
  }

  private static double[] direction(double[] gradient, Deque<Step> memory) {
    double[] q = gradient.clone();
    double[] alphas = new double[memory.size()];
    int i = 0;
    for (Iterator<Step> newest = memory.descendingIterator(); newest.hasNext(); i++) {
      Step step = newest.next();
      alphas[i] = step.rho * dot(step.s, q);
      add(q, -alphas[i], step.y);
    }
    if (!memory.isEmpty()) {
      Step last = memory.getLast();
      scale(q, 1 / (last.rho * dot(last.y, last.y)));
    }
    for (Step step : memory) {
      i--;
      add(q, alphas[i] - step.rho * dot(step.y, q), step.s);
    }
    scale(q, -1);
    return q;
  }

  private static void remember(
      Deque<Step> memory, double[] from, double[] to, double[] before, double[] after) {
    double[] s = to.clone();
    add(s, -1, from);
    double[] y = after.clone();
    add(y, -1, before);
    double curvature = dot(s, y);
    if (curvature > 1e-12 * dot(y, y)) {
      if (memory.size() == MEMORY) {
        memory.removeFirst();
      }
      memory.addLast(new Step(s, y, 1 / curvature));
    }
  }

  private static double largest(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static void add(double[] into, double factor, double[] values) {
    for (int i = 0; i < into.length; i++) {
      into[i] += factor * values[i];
    }
  }

  private static void scale(double[] values, double factor) {
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
  }
}
