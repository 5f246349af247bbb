package org.equipoise.training.balance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.layers.Scaling;
import org.equipoise.training.Visit;

/**
 * Prototypical modal rebalance (Fan et al., CVPR 2023): each modality has a prototype for each
 * class, the mean of its representations; the modality that tells the classes worse by the distance
 * to its prototypes is drawn to them by a loss of its own, with the paper's weight {@code α ·
 * clip(1/ρ − 1, 0, 1)}.
 */
public final class Pmr implements Balancer {
  /** The name that users type. */
  public static final String NAME = "pmr";

  public static final Setting<Double> ALPHA =
      Setting.number(
          "pmr.alpha",
          1,
          0,
          1000,
          "Weight of the weaker modality's prototype loss (published code)");

  public static final Setting<Double> MOMENTUM =
      Setting.number(
          "pmr.momentum",
          0.2,
          0,
          1,
          "Share of the old prototypes that is kept when they are renewed (published code)");

  public static final Setting<Integer> LAST_EPOCH =
      Setting.integer(
          "pmr.last_epoch", 100, 1, 100_000, "The last epoch that it acts in (published code)");

  static final List<Setting<?>> SETTINGS = List.of(ALPHA, MOMENTUM, LAST_EPOCH);

  /** Keeps the gradient of a distance of zero finite, squared. */
  private static final float LEAST_SQUARE = 1e-12f;

  private final Settings settings;
  private final int period;
  private final Map<String, double[]> prototypes = new LinkedHashMap<>();
  private Units units;
  private TrainingRun run;
  private Map<String, Double> ratios = Map.of();
  private Map<String, Double> weights = Map.of();

  public Pmr(Settings settings) {
    this.settings = settings;
    period = Balancers.period(settings, 1);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public DetectionSystem adapt(DetectionSystem system, SystemContext context) {
    units = Units.several(NAME, system, settings);
    return system;
  }

  @Override
  public void begin(TrainingRun training) {
    run = training;
  }

  @Override
  public void restore(Map<String, double[]> state) {
    prototypes.putAll(state);
  }

  @Override
  public Map<String, double[]> state() {
    return prototypes;
  }

  @Override
  public List<Visit> beforeEpoch(int epoch, List<Visit> posts) {
    if (epoch <= settings.get(LAST_EPOCH) && (prototypes.isEmpty() || (epoch - 1) % period == 0)) {
      Map<String, ClassMeans> sums = new LinkedHashMap<>();
      units.names().forEach(unit -> sums.put(unit, new ClassMeans(run.system().classes())));
      run.score(
          run.training(),
          posts,
          (output, labels) ->
              units
                  .representations(output)
                  .forEach(
                      (unit, rows) ->
                          sums.get(unit)
                              .add(rows.toFloatArray(), labels, units.presence(output, unit))));
      sums.forEach(
          (unit, means) ->
              prototypes.put(
                  unit,
                  means.renewed(
                      Optional.ofNullable(prototypes.get(unit)), settings.get(MOMENTUM))));
    }
    return posts;
  }

  /** Sums of rows by class. */
  static final class ClassMeans {
    private final int[] counts;
    private double[] sums = new double[0];

    ClassMeans(int classes) {
      counts = new int[classes];
    }

    /** Adds the rows {@code [B, d]} of posts that are there. */
    void add(float[] rows, long[] labels, Optional<float[]> presence) {
      int width = rows.length / labels.length;
      if (sums.length == 0) {
        sums = new double[counts.length * width];
      }
      for (int i = 0; i < labels.length; i++) {
        if (presence.isEmpty() || presence.get()[i] != 0) {
          int label = (int) labels[i];
          counts[label]++;
          for (int d = 0; d < width; d++) {
            sums[label * width + d] += rows[i * width + d];
          }
        }
      }
    }

    /** {@code [M · d]}: {@code (1 − kept) mean + kept old}; a class without rows keeps its old. */
    double[] renewed(Optional<double[]> old, double kept) {
      double[] made = new double[sums.length];
      int width = sums.length / counts.length;
      for (int i = 0; i < made.length; i++) {
        int count = counts[i / width];
        double before = old.isPresent() ? old.get()[i] : 0;
        double share = count == 0 ? 1 : old.isPresent() ? kept : 0;
        made[i] = share * before + (count == 0 ? 0 : (1 - share) * sums[i] / count);
      }
      return made;
    }
  }

  /** {@code [B, M]}: {@code −‖x_i − prototype_c‖}. */
  static NDArray similarities(NDArray x, double[] prototypes) {
    NDManager scope = x.getManager();
    long posts = x.getShape().get(0);
    long width = x.getShape().get(1);
    long classes = prototypes.length / width;
    float[] values = new float[prototypes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) prototypes[i];
    }
    NDArray difference =
        x.reshape(posts, 1, width).sub(scope.create(values, new Shape(1, classes, width)));
    NDArray least = scope.create(LEAST_SQUARE).duplicate();
    return difference.mul(difference).sum(new int[] {2}).add(least).sqrt().neg();
  }

  /** The mean cross-entropy over the posts that are there, a scalar. */
  static NDArray loss(NDArray similarities, NDArray labels, Optional<float[]> presence) {
    long posts = labels.getShape().get(0);
    NDArray each = similarities.logSoftmax(1).gather(labels.reshape(posts, 1), 1).neg();
    if (presence.isEmpty()) {
      return each.mean();
    }
    double count = 0;
    for (float there : presence.get()) {
      count += there;
    }
    NDArray there = labels.getManager().create(presence.get(), new Shape(posts, 1));
    return Scaling.times(each.mul(there).sum(), 1 / Math.max(1, count));
  }

  /** {@code α · clip(1/ρ − 1, 0, 1)}, by unit. */
  static Map<String, Double> weights(Map<String, Double> ratios, double alpha) {
    Map<String, Double> weights = new LinkedHashMap<>();
    ratios.forEach(
        (unit, ratio) ->
            weights.put(unit, alpha * Math.min(1, Math.max(0, 1 / Math.max(ratio, 1e-9) - 1))));
    return weights;
  }

  @Override
  public DetectionSystem.Losses weigh(
      Step step, DetectionSystem.Output output, DetectionSystem.Losses losses) {
    if (step.epoch() > settings.get(LAST_EPOCH)) {
      ratios = Map.of();
      weights = Map.of();
      return losses;
    }
    Map<String, NDArray> similarities = new LinkedHashMap<>();
    Map<String, Double> scores = new LinkedHashMap<>();
    units
        .representations(output)
        .forEach(
            (unit, x) -> {
              NDArray near = similarities(x, prototypes.get(unit));
              similarities.put(unit, near);
              scores.put(unit, Scores.of(near, units.presence(output, unit), step.labels()));
            });
    ratios = Scores.ratios(scores);
    weights = weights(ratios, settings.get(ALPHA));
    NDArray total = losses.total();
    Map<String, NDArray> parts = new LinkedHashMap<>(losses.parts());
    for (Map.Entry<String, NDArray> unit : similarities.entrySet()) {
      NDArray loss =
          loss(unit.getValue(), step.targets().labels(), units.presence(output, unit.getKey()));
      parts.put("prototype_" + unit.getKey(), loss);
      total = total.add(Scaling.times(loss, weights.get(unit.getKey())));
    }
    return new DetectionSystem.Losses(total, parts);
  }

  @Override
  public Balance judge(Step step, DetectionSystem.Output output) {
    Balance balance = Balance.watching(ViewFigures.of(output, step.labels()));
    return weights.isEmpty() ? balance : balance.noting("ratio", ratios).noting("weight", weights);
  }
}
