package org.equipoise.lab.bench;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a benchmark found.
 *
 * @param name what was measured
 * @param threads how many it could use
 * @param repeats how often it ran after warming up
 * @param milliseconds of one repeat
 * @param itemsEach how many items (posts, images) a repeat works through
 * @param parts milliseconds of what a repeat consists of, or is compared with, by name
 */
public record Measurement(
    String name,
    int threads,
    int repeats,
    Samples.Summary milliseconds,
    int itemsEach,
    Map<String, Samples.Summary> parts) {
  public Measurement {
    parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
  }

  static Measurement of(
      String name,
      int threads,
      int repeats,
      Samples whole,
      int itemsEach,
      Map<String, Samples> parts) {
    Map<String, Samples.Summary> summaries = new LinkedHashMap<>();
    parts.forEach((part, samples) -> summaries.put(part, samples.summary()));
    return new Measurement(name, threads, repeats, whole.summary(), itemsEach, summaries);
  }

  /** Items (posts, images) a second, by the median time. */
  public double perSecond() {
    return itemsEach / milliseconds.median() * 1000;
  }

  /** The fields of {@code bench … --json}. */
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", name);
    json.put("threads", threads);
    json.put("repeats", repeats);
    json.put("milliseconds", milliseconds);
    json.put("per_second", perSecond());
    json.put("parts", parts);
    return json;
  }
}
