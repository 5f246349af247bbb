package org.equipoise.lab.evaluation;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.equipoise.core.metrics.Confusion;
import org.equipoise.core.metrics.EventMetrics;
import org.equipoise.core.metrics.Metrics;
import org.equipoise.lab.bootstrap.Bootstrap;
import org.equipoise.lab.bootstrap.Clusters;

/**
 * What a run's {@code evaluation.json} holds: how well its model does on labelled posts, how well
 * the floors do on the same posts, and how sure that is.
 *
 * @param data the posts' source in words
 * @param protocol how training and test posts were told apart
 * @param skipped posts that could not be used
 * @param metrics the model's, by the parameters of its best epoch on validation posts
 * @param events by event, in order of names
 * @param floors by name
 * @param bootstrap the intervals
 * @param last the metrics of the last epoch's parameters
 */
public record Evaluation(
    String data,
    String protocol,
    int skipped,
    Metrics metrics,
    Map<String, EventMetrics> events,
    Map<String, FloorMetrics> floors,
    Bootstrap bootstrap,
    Optional<Metrics> last) {

  /** The file's name within a run's folder. */
  public static final String FILE = "evaluation.json";

  public Evaluation {
    events = Collections.unmodifiableMap(new LinkedHashMap<>(events));
    floors = Collections.unmodifiableMap(new LinkedHashMap<>(floors));
  }

  /** A floor's figures on the test posts. */
  public record FloorMetrics(
      @JsonProperty("accuracy") double accuracy, @JsonProperty("macro_f1") double macroF1) {
    static FloorMetrics of(List<String> classes, int[] labels, int[] predictions) {
      Confusion confusion = Confusion.of(classes, labels, predictions);
      return new FloorMetrics(confusion.accuracy(), confusion.macroF1());
    }
  }

  /**
   * Starts an evaluation.
   *
   * @param data the posts' source in words
   * @param protocol how training and test posts were told apart
   * @param classes the classes, in the order of their numbers
   */
  public static Builder builder(String data, String protocol, List<String> classes) {
    return new Builder(data, protocol, classes);
  }

  /** The fields of {@code evaluate --json}, {@code intervals}, and {@code last} where known. */
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("format_version", 1);
    json.put("data", data);
    json.put("protocol", protocol);
    Map<String, Object> figures = metrics.toJson();
    json.put("posts", figures.remove("posts"));
    json.put("skipped", skipped);
    json.putAll(figures);
    json.put("events", events);
    json.put("floors", floors);
    json.put("intervals", intervals());
    last.ifPresent(of -> json.put("last", of.toJson()));
    return json;
  }

  private Map<String, Object> intervals() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("accuracy", bootstrap.accuracy());
    json.put("macro_f1", bootstrap.macroF1());
    Map<String, Object> above = new LinkedHashMap<>();
    bootstrap
        .aboveFloors()
        .forEach(
            (floor, difference) -> {
              Map<String, Object> intervals = new LinkedHashMap<>();
              intervals.put("accuracy", difference.accuracy());
              intervals.put("macro_f1", difference.macroF1());
              above.put(floor, intervals);
            });
    json.put("above_floors", above);
    json.put("clusters", bootstrap.clusters().id());
    json.put("cluster_count", bootstrap.clusterCount());
    json.put("resamples", bootstrap.resamples());
    return json;
  }

  /** Collects what an evaluation is made from. */
  public static final class Builder {
    private final String data;
    private final String protocol;
    private final List<String> classes;
    private final Map<String, int[]> floors = new LinkedHashMap<>();
    private int skipped;
    private int[] labels = {};
    private double[][] probabilities = {};
    private double[][] last = {};
    private List<Optional<String>> events = List.of();
    private List<Optional<String>> images = List.of();
    private long seed;

    private Builder(String data, String protocol, List<String> classes) {
      this.data = data;
      this.protocol = protocol;
      this.classes = List.copyOf(classes);
    }

    /** How many posts could not be used. */
    public Builder skipped(int count) {
      skipped = count;
      return this;
    }

    /**
     * The posts that were scored.
     *
     * @param labels class numbers, {@code [N]}
     * @param events each post's event
     * @param images each post's image: anything that is equal for posts with the same image, such
     *     as a hash of its content
     */
    public Builder posts(
        int[] labels, List<Optional<String>> events, List<Optional<String>> images) {
      this.labels = labels;
      this.events = events;
      this.images = images;
      return this;
    }

    /** The model's probabilities, {@code [N][M]}. */
    public Builder probabilities(double[][] values) {
      probabilities = values;
      return this;
    }

    /** The probabilities by the last epoch's parameters, {@code [N][M]}. */
    public Builder last(double[][] values) {
      last = values;
      return this;
    }

    /** A floor's class numbers, {@code [N]}. */
    public Builder floor(String name, int[] predictions) {
      floors.put(name, predictions);
      return this;
    }

    /** Decides the bootstrap's draws. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * Measures.
     *
     * @throws IllegalArgumentException without posts, or where the arrays do not fit each other
     */
    public Evaluation build() {
      Metrics metrics = Metrics.of(classes, labels, probabilities);
      int[] predictions = Metrics.predictions(probabilities);
      Map<String, FloorMetrics> floorMetrics = new LinkedHashMap<>();
      floors.forEach(
          (name, answers) -> floorMetrics.put(name, FloorMetrics.of(classes, labels, answers)));
      return new Evaluation(
          data,
          protocol,
          skipped,
          metrics,
          EventMetrics.of(events, labels, predictions),
          floorMetrics,
          Bootstrap.of(classes, labels, predictions, floors, Clusters.of(events, images), seed),
          last.length == 0 ? Optional.empty() : Optional.of(Metrics.of(classes, labels, last)));
    }
  }
}
