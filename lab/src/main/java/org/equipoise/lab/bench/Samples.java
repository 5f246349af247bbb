package org.equipoise.lab.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;

/** Times of one thing done again and again. */
public final class Samples {
  private final List<Long> nanoseconds = new ArrayList<>();

  Samples() {}

  /**
   * Milliseconds of the fastest, the middle and the nearly slowest time.
   *
   * @param min the fastest
   * @param median half of all took no longer
   * @param p95 95 % of all took no longer
   */
  public record Summary(
      @JsonProperty("min") double min,
      @JsonProperty("median") double median,
      @JsonProperty("p95") double p95) {}

  /** Does the work and keeps its time. */
  <T> T time(Supplier<T> work) {
    long start = System.nanoTime();
    T result = work.get();
    add(System.nanoTime() - start);
    return result;
  }

  void add(long time) {
    nanoseconds.add(time);
  }

  /** Forgets what the warm-up took. */
  void clear() {
    nanoseconds.clear();
  }

  Summary summary() {
    List<Long> sorted = new ArrayList<>(nanoseconds);
    Collections.sort(sorted);
    return new Summary(share(sorted, 0), share(sorted, 0.5), share(sorted, 0.95));
  }

  private static double share(List<Long> sorted, double share) {
    double position = share * (sorted.size() - 1);
    int below = (int) position;
    int above = Math.min(sorted.size() - 1, below + 1);
    double value = sorted.get(below) + (position - below) * (sorted.get(above) - sorted.get(below));
    return value / 1e6;
  }
}
