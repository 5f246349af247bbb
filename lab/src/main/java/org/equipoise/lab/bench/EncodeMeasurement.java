package org.equipoise.lab.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.features.FeatureSpec;
import org.equipoise.encoders.EncodeJob;
import org.equipoise.encoders.Stage;
import org.equipoise.encoders.StageTimes;
import org.equipoise.encoders.StoreManifest;

/**
 * What encoding took, all repeats together but for {@link #measurement}.
 *
 * @param measurement times of a repeat; its parts are how long threads were busy with texts and
 *     with images
 * @param stages by name
 * @param bottleneck the stage that keeps the others waiting: reading or writing, where their
 *     threads are busier than those that compute; else the stage that computes longest
 * @param views by view
 * @param perSecond by what is counted: texts and images of posts, distinct ones of them, tokens
 * @param threadsEach threads of each run, by view
 */
public record EncodeMeasurement(
    Measurement measurement,
    Map<String, StageUse> stages,
    String bottleneck,
    Map<String, ViewUse> views,
    Map<String, Double> perSecond,
    Map<String, Integer> threadsEach) {
  /**
   * A stage.
   *
   * @param milliseconds that threads were busy
   * @param share of the time that threads were busy in all stages
   * @param busy share of the time that its threads were busy with it
   * @param items what went through
   */
  public record StageUse(
      @JsonProperty("milliseconds") double milliseconds,
      @JsonProperty("share") double share,
      @JsonProperty("busy") double busy,
      @JsonProperty("items") long items) {}

  /**
   * A view.
   *
   * @param prepareMilliseconds that threads were busy with preparing
   * @param inferMilliseconds that threads were busy with inference
   * @param items distinct texts or images
   * @param tokens of texts; 0 for images
   */
  public record ViewUse(
      @JsonProperty("prepare_milliseconds") double prepareMilliseconds,
      @JsonProperty("infer_milliseconds") double inferMilliseconds,
      @JsonProperty("items") long items,
      @JsonProperty("tokens") long tokens) {}

  /** Collects what each repeat took for texts and for images. */
  static final class Parts {
    private final Samples text = new Samples();
    private final Samples image = new Samples();

    void add(EncodeJob.Result result) {
      FeatureSpec spec = result.manifest().header().spec();
      text.add(busy(result.times(), views(spec, Modality.TEXT)));
      image.add(
          busy(result.times(), views(spec, Modality.IMAGE))
              + result.times().of(Stage.READ).nanoseconds()
              + result.times().of(Stage.HASH).nanoseconds()
              + result.times().of(Stage.DECODE).nanoseconds());
    }

    private static long busy(StageTimes.Summary times, List<String> views) {
      return times.of(Stage.PREPARE, views).nanoseconds()
          + times.of(Stage.INFER, views).nanoseconds();
    }

    Map<String, Samples> byModality() {
      Map<String, Samples> parts = new LinkedHashMap<>();
      parts.put("text", text);
      parts.put("image", image);
      return parts;
    }
  }

  private static List<String> views(FeatureSpec spec, Modality modality) {
    return spec.views().stream()
        .filter(view -> view.modality() == modality)
        .map(View::name)
        .toList();
  }

  /**
   * Adds up.
   *
   * @param manifest of one repeat's store
   * @param times of all repeats
   * @param nanoseconds of all repeats
   */
  static EncodeMeasurement of(
      Measurement measurement, StoreManifest manifest, StageTimes.Summary times, long nanoseconds) {
    FeatureSpec spec = manifest.header().spec();
    List<String> ofTexts = views(spec, Modality.TEXT);
    List<String> ofImages = views(spec, Modality.IMAGE);
    int repeats = measurement.repeats();
    double seconds = nanoseconds / 1e9;
    Map<String, ViewUse> views = new LinkedHashMap<>();
    for (View view : spec.views()) {
      List<String> one = List.of(view.name());
      StageTimes.Work infer = times.of(Stage.INFER, one);
      views.put(
          view.name(),
          new ViewUse(
              times.of(Stage.PREPARE, one).nanoseconds() / 1e6,
              infer.nanoseconds() / 1e6,
              infer.items(),
              view.modality() == Modality.TEXT ? infer.length() : 0));
    }
    Map<String, Double> perSecond = new LinkedHashMap<>();
    perSecond.put("texts", repeats * present(manifest, ofTexts) / seconds);
    perSecond.put("distinct_texts", items(views, ofTexts) / seconds);
    perSecond.put("tokens", times.of(Stage.INFER, ofTexts).length() / seconds);
    perSecond.put("images", repeats * present(manifest, ofImages) / seconds);
    perSecond.put("distinct_images", items(views, ofImages) / seconds);
    return new EncodeMeasurement(
        measurement,
        stages(times, nanoseconds, measurement.threads()),
        bottleneck(times, measurement.threads()),
        views,
        perSecond,
        manifest.header().threadsEach());
  }

  private static double present(StoreManifest manifest, List<String> views) {
    return views.stream().mapToLong(manifest::present).max().orElse(0);
  }

  private static double items(Map<String, ViewUse> views, List<String> names) {
    return names.stream().mapToLong(name -> views.get(name).items).max().orElse(0);
  }

  private static Map<String, StageUse> stages(
      StageTimes.Summary times, long nanoseconds, int threads) {
    double all = 0;
    for (Stage stage : Stage.values()) {
      all += times.of(stage).nanoseconds();
    }
    Map<String, StageUse> stages = new LinkedHashMap<>();
    for (Stage stage : Stage.values()) {
      StageTimes.Work work = times.of(stage);
      stages.put(
          stage.id(),
          new StageUse(
              work.nanoseconds() / 1e6,
              work.nanoseconds() / all,
              work.nanoseconds() / (double) nanoseconds / stage.threads(threads),
              work.items()));
    }
    return stages;
  }

  private static String bottleneck(StageTimes.Summary times, int threads) {
    Map<Stage, Double> computing = new TreeMap<>();
    for (Stage stage : List.of(Stage.HASH, Stage.DECODE, Stage.PREPARE, Stage.INFER)) {
      computing.put(stage, times.of(stage).nanoseconds() / (double) threads);
    }
    double together = computing.values().stream().mapToDouble(each -> each).sum();
    for (Stage stage : List.of(Stage.READ, Stage.WRITE)) {
      if (times.of(stage).nanoseconds() / (double) stage.threads(threads) > together) {
        return stage.id();
      }
    }
    return Collections.max(computing.entrySet(), Map.Entry.comparingByValue()).getKey().id();
  }

  /** The fields of {@code bench encode --json}. */
  public Map<String, Object> toJson() {
    Map<String, Object> json = measurement.toJson();
    json.put("stages", stages);
    json.put("bottleneck", bottleneck);
    json.put("views", views);
    perSecond.forEach((what, rate) -> json.put(what + "_per_second", rate));
    json.put("threads_each", threadsEach);
    return json;
  }
}
