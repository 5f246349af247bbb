package org.equipoise.training.balance;

import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemContext;
import org.equipoise.training.optimizer.Gradients;

/**
 * On-the-fly gradient modulation with generalisation enhancement (Peng et al., CVPR 2022): a
 * modality that tells the classes better than the others takes smaller steps, {@code k = 1 −
 * tanh(αρ)} with ρ its score over the mean of the others', and every modality's gradient gets noise
 * of its own size. The published step is {@code k·g + ε}; here k scales the step and the gradient
 * gets {@code ε / k}, which is the same under SGD and keeps its effect under Adam.
 */
public final class OgmGe implements Balancer {
  /** The name that users type. */
  public static final String NAME = "ogm-ge";

  public static final Setting<Double> ALPHA =
      Setting.number(
          "ogm_ge.alpha",
          0.3,
          0,
          10,
          "How strongly a dominant modality is slowed (published code: 0.1 to 0.8 by data set;"
              + " BalanceBenchmark: 0.3)");

  public static final Setting<Integer> LAST_EPOCH =
      Setting.integer(
          "ogm_ge.last_epoch", 50, 1, 100_000, "The last epoch that it acts in (published code)");

  public static final Setting<Boolean> NOISE =
      Setting.bool(
          "ogm_ge.noise", true, "Whether gradients get noise, the GE of the name (published code)");

  static final List<Setting<?>> SETTINGS = List.of(ALPHA, LAST_EPOCH, NOISE);

  /** Noise is divided by the factor; a smaller one counts as this. */
  private static final double LEAST_FACTOR = 0.05;

  private static final double LEAST_DEVIATION = 1e-8;

  private final Settings settings;
  private final double alpha;
  private Units units;

  public OgmGe(Settings settings) {
    this.settings = settings;
    alpha = settings.get(ALPHA);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean changesGradients() {
    return true;
  }

  @Override
  public DetectionSystem adapt(DetectionSystem system, SystemContext context) {
    units = Units.several(NAME, system, settings);
    return system;
  }

  @Override
  public Balance judge(Step step, DetectionSystem.Output output) {
    Balance balance = Balance.watching(ViewFigures.of(output, step.labels()));
    if (step.epoch() > settings.get(LAST_EPOCH)) {
      return balance;
    }
    Map<String, Double> ratios = Scores.ratios(Scores.of(units, output, step.labels()));
    Map<String, Double> factors = factors(ratios, alpha);
    if (settings.get(NOISE)) {
      Random random = new Random(step.random().nextLong());
      factors.forEach(
          (unit, factor) ->
              units
                  .matrices(step.system(), unit)
                  .forEach(
                      name ->
                          Gradients.change(
                              step.system().parameters().get(name),
                              gradient -> addNoise(gradient, factor, random::nextGaussian))));
    }
    return units.slow(balance, step.system(), factors).noting("ratio", ratios);
  }

  /** {@code 1 − tanh(αρ)} where ρ is above 1, else 1. */
  static Map<String, Double> factors(Map<String, Double> ratios, double alpha) {
    Map<String, Double> factors = new LinkedHashMap<>();
    ratios.forEach(
        (unit, ratio) -> factors.put(unit, ratio > 1 ? 1 - Math.tanh(alpha * ratio) : 1));
    return factors;
  }

  /** Adds noise of the gradient's own size, over the factor. */
  static void addNoise(FloatBuffer gradient, double factor, DoubleSupplier normal) {
    double size = deviation(gradient) / Math.max(factor, LEAST_FACTOR);
    for (int i = 0; i < gradient.capacity(); i++) {
      gradient.put(i, (float) (gradient.get(i) + size * normal.getAsDouble()));
    }
  }

  /** The standard deviation of all numbers (n − 1) + 1e-8. */
  static double deviation(FloatBuffer values) {
    int count = values.capacity();
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += values.get(i);
    }
    double mean = sum / count;
    double squares = 0;
    for (int i = 0; i < count; i++) {
      squares += (values.get(i) - mean) * (values.get(i) - mean);
    }
    return (count > 1 ? Math.sqrt(squares / (count - 1)) : 0) + LEAST_DEVIATION;
  }
}
