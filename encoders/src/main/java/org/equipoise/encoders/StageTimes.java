package org.equipoise.encoders;

import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** How long threads were busy in each stage, and with how much. Safe for several threads. */
public final class StageTimes {
  /** Where a stage's work is not for one view. */
  private static final String ALL_VIEWS = "";

  private record Place(Stage stage, String view) {}

  private static final class Sums {
    private final LongAdder nanoseconds = new LongAdder();
    private final LongAdder items = new LongAdder();
    private final LongAdder length = new LongAdder();
  }

  private final Map<Place, Sums> sums = new ConcurrentHashMap<>();

  /**
   * What went through a stage.
   *
   * @param nanoseconds that threads were busy; where a run keeps several busy, of all of them
   * @param items files, images, contents or posts
   * @param length of the contents together, such as tokens; 0 where they have none
   */
  public record Work(long nanoseconds, long items, long length) {
    static final Work NONE = new Work(0, 0, 0);

    Work plus(Work other) {
      return new Work(nanoseconds + other.nanoseconds, items + other.items, length + other.length);
    }

    private Work minus(Work other) {
      return new Work(nanoseconds - other.nanoseconds, items - other.items, length - other.length);
    }
  }

  /**
   * The work done until a moment, or between two.
   *
   * @param stages by stage, then by view; the view is empty where the work is for all of them
   */
  public record Summary(Map<Stage, Map<String, Work>> stages) {
    /** Nothing. */
    public static final Summary NONE = new Summary(Map.of());

    public Summary {
      Map<Stage, Map<String, Work>> copy = new EnumMap<>(Stage.class);
      stages.forEach(
          (stage, views) ->
              copy.put(stage, Collections.unmodifiableMap(new LinkedHashMap<>(views))));
      stages = Collections.unmodifiableMap(copy);
    }

    /** What went through a stage, for all views together. */
    public Work of(Stage stage) {
      return of(stage, stages.getOrDefault(stage, Map.of()).keySet());
    }

    /** What went through a stage for these views. */
    public Work of(Stage stage, Iterable<String> views) {
      Work sum = Work.NONE;
      for (String view : views) {
        sum = sum.plus(stages.getOrDefault(stage, Map.of()).getOrDefault(view, Work.NONE));
      }
      return sum;
    }

    /** The work of both. */
    public Summary plus(Summary other) {
      Map<Stage, Map<String, Work>> both = new EnumMap<>(Stage.class);
      stages.forEach((stage, views) -> both.put(stage, new TreeMap<>(views)));
      other.stages.forEach(
          (stage, views) ->
              views.forEach(
                  (view, work) ->
                      both.computeIfAbsent(stage, s -> new TreeMap<>())
                          .merge(view, work, Work::plus)));
      return new Summary(both);
    }

    /** What was done since an earlier moment. */
    public Summary since(Summary earlier) {
      Map<Stage, Map<String, Work>> rest = new EnumMap<>(Stage.class);
      stages.forEach(
          (stage, views) ->
              views.forEach(
                  (view, work) ->
                      rest.computeIfAbsent(stage, s -> new TreeMap<>())
                          .put(
                              view,
                              work.minus(
                                  earlier
                                      .stages
                                      .getOrDefault(stage, Map.of())
                                      .getOrDefault(view, Work.NONE)))));
      return new Summary(rest);
    }
  }

  /** Notes work that is for all views. */
  void add(Stage stage, long nanoseconds, long items) {
    add(stage, ALL_VIEWS, nanoseconds, items, 0);
  }

  /** Notes work for one view. */
  void add(Stage stage, String view, long nanoseconds, long items, long length) {
    Sums of = sums.computeIfAbsent(new Place(stage, view), place -> new Sums());
    of.nanoseconds.add(nanoseconds);
    of.items.add(items);
    of.length.add(length);
  }

  /** Everything so far. */
  public Summary summary() {
    Map<Stage, Map<String, Work>> stages = new EnumMap<>(Stage.class);
    sums.forEach(
        (place, of) ->
            stages
                .computeIfAbsent(place.stage, stage -> new TreeMap<>())
                .put(place.view, new Work(of.nanoseconds.sum(), of.items.sum(), of.length.sum())));
    return new Summary(stages);
  }
}
