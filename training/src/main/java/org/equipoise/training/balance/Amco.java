package org.equipoise.training.balance;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.losses.CrossEntropy;

/**
 * Adaptive mask co-optimisation (Zhou et al., 2023, as BalanceBenchmark runs it): a modality that
 * holds more than its part of the softmax over all modalities' logits is one that the verdict
 * depends on, and its logits of random classes are masked, of more classes as training goes. With
 * few classes it does little.
 */
public final class Amco implements Balancer {
  /** The name that users type. */
  public static final String NAME = "amco";

  public static final Setting<Double> SIGMA =
      Setting.number(
          "amco.sigma",
          0.5,
          0,
          1,
          "The share of all logits above which a modality is depended on (BalanceBenchmark)");

  public static final Setting<Double> EPSILON =
      Setting.number(
          "amco.epsilon",
          0.3,
          0.001,
          1000,
          "The level at which masking is complete; each batch adds a tenth of its epoch"
              + " (BalanceBenchmark)");

  static final List<Setting<?>> SETTINGS = List.of(SIGMA, EPSILON);

  private final Settings settings;
  private Units units;
  private Heads heads;
  private double level;

  public Amco(Settings settings) {
    this.settings = settings;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public DetectionSystem adapt(DetectionSystem system, SystemContext context) {
    units = Units.several(NAME, system, settings);
    heads = Heads.inPlace(system, context, units, 1);
    return heads;
  }

  @Override
  public void restore(Map<String, double[]> state) {
    level = state.get("level")[0];
  }

  @Override
  public Map<String, double[]> state() {
    return Map.of("level", new double[] {level});
  }

  @Override
  public Learnt learn(Step step) {
    DetectionSystem.Output output = step.forward();
    Map<String, NDArray> logits = heads.logits(output);
    Map<String, Double> shares = shares(logits);
    int classes = step.system().classes();
    // one class is left: with none the modality would say nothing
    int masked = Math.min(classes - 1, (int) Math.floor(p(settings.get(EPSILON), level) * classes));
    NDArray mask = step.scope().create(mask(classes, masked, step.random()));
    level += step.epoch() / 10.0;
    Map<String, NDArray> said = masked(logits, shares, settings.get(SIGMA), mask);
    NDArray sum = heads.verdict(said.values());
    NDArray labels = step.targets().labels();
    DetectionSystem.Losses system = step.losses(heads.decide() ? output.saying(sum) : output);
    NDArray total = system.total();
    if (!heads.decide()) {
      total = total.add(CrossEntropy.of(sum, labels));
    }
    Map<String, NDArray> parts = new LinkedHashMap<>(system.parts());
    for (Map.Entry<String, NDArray> unit : said.entrySet()) {
      NDArray own = CrossEntropy.of(unit.getValue(), labels);
      parts.put("head_" + unit.getKey(), own);
      total = total.add(own);
    }
    step.backward(total);
    Map<String, Double> counts = new LinkedHashMap<>();
    shares.forEach(
        (unit, share) -> counts.put(unit, share > settings.get(SIGMA) ? (double) masked : 0));
    return new Learnt(
        new DetectionSystem.Losses(total, parts),
        Balance.watching(ViewFigures.of(output, step.labels()))
            .noting("share", shares)
            .noting("masked_classes", counts));
  }

  /** By unit: its block's part of the softmax over all units' logits, mean over posts. */
  static Map<String, Double> shares(Map<String, NDArray> logits) {
    Map<String, Double> shares = new LinkedHashMap<>();
    Map<String, float[]> values = new LinkedHashMap<>();
    logits.forEach((unit, array) -> values.put(unit, array.toFloatArray()));
    int posts = (int) logits.values().iterator().next().getShape().get(0);
    for (int i = 0; i < posts; i++) {
      Map<String, Double> sums = new LinkedHashMap<>();
      double largest = Double.NEGATIVE_INFINITY;
      for (float[] each : values.values()) {
        for (float logit : row(each, i, posts)) {
          largest = Math.max(largest, logit);
        }
      }
      for (Map.Entry<String, float[]> each : values.entrySet()) {
        for (float logit : row(each.getValue(), i, posts)) {
          sums.merge(each.getKey(), Math.exp(logit - largest), Double::sum);
        }
      }
      double all = sums.values().stream().mapToDouble(Double::doubleValue).sum();
      sums.forEach((unit, sum) -> shares.merge(unit, sum / all / posts, Double::sum));
    }
    return shares;
  }

  private static float[] row(float[] values, int post, int posts) {
    int classes = values.length / posts;
    return Arrays.copyOfRange(values, post * classes, (post + 1) * classes);
  }

  /** {@code sin(π/2 · min(ε, l) / ε)}. */
  static double p(double epsilon, double level) {
    return Math.sin(Math.PI / 2 * Math.min(epsilon, level) / epsilon);
  }

  /** {@code [M]}: 0 for so many classes drawn at random, else 1. */
  private static float[] mask(int classes, int masked, SplittableRandom random) {
    float[] mask = new float[classes];
    Arrays.fill(mask, 1);
    for (int left = masked; left > 0; ) {
      int drawn = random.nextInt(classes);
      if (mask[drawn] == 1) {
        mask[drawn] = 0;
        left--;
      }
    }
    return mask;
  }

  /** The logits, those of units that are depended on times the mask. */
  static Map<String, NDArray> masked(
      Map<String, NDArray> logits, Map<String, Double> shares, double sigma, NDArray mask) {
    Map<String, NDArray> said = new LinkedHashMap<>();
    logits.forEach(
        (unit, array) -> said.put(unit, shares.get(unit) > sigma ? array.mul(mask) : array));
    return said;
  }
}
