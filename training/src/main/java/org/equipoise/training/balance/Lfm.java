package org.equipoise.training.balance;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.layers.Scaling;
import org.equipoise.systems.losses.CrossEntropy;

/**
 * Learning to rebalance by fitting modalities to each other (Yang et al., NeurIPS 2024): beside the
 * classes, the modalities' verdicts are drawn to their mean, {@code 2[(1 − α) CE(mean of logits) +
 * α · alignment]}. The published program learns α on one small batch of validation posts; here it
 * is fixed.
 */
public final class Lfm implements Balancer {
  /** The name that users type. */
  public static final String NAME = "lfm";

  public static final Setting<Double> ALPHA =
      Setting.number(
          "lfm.alpha",
          0.2,
          0,
          1,
          "Weight of the alignment against the classes (decided; published code: learnt, 0.05 to"
              + " 0.95)");

  static final List<Setting<?>> SETTINGS = List.of(ALPHA);

  private final Settings settings;
  private Units units;
  private Heads heads;

  public Lfm(Settings settings) {
    this.settings = settings;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public DetectionSystem adapt(DetectionSystem system, SystemContext context) {
    units = Units.several(NAME, system, settings);
    heads = Heads.inPlace(system, context, units, 1.0 / units.names().size());
    return heads;
  }

  @Override
  public Learnt learn(Step step) {
    DetectionSystem.Output output = step.forward();
    Map<String, NDArray> logits = heads.logits(output);
    NDArray mean = mean(logits);
    NDArray labels = step.targets().labels();
    double alpha = settings.get(ALPHA);
    DetectionSystem.Losses system = step.losses(heads.decide() ? output.saying(mean) : output);
    NDArray alignment = alignment(logits);
    NDArray total =
        heads.decide()
            ? rebalanced(system.total(), alignment, alpha)
            : system.total().add(rebalanced(CrossEntropy.of(mean, labels), alignment, alpha));
    Map<String, NDArray> parts = new LinkedHashMap<>(system.parts());
    parts.put("alignment", alignment);
    step.backward(total);
    Map<String, Double> divergences = new LinkedHashMap<>();
    divergences(logits)
        .forEach((unit, divergence) -> divergences.put(unit, (double) divergence.getFloat()));
    return new Learnt(
        new DetectionSystem.Losses(total, parts),
        Balance.watching(ViewFigures.of(output, step.labels())).noting("divergence", divergences));
  }

  /** {@code [B, M]}. */
  static NDArray mean(Map<String, NDArray> logits) {
    return Scaling.times(
        logits.values().stream().reduce(NDArray::add).orElseThrow(), 1.0 / logits.size());
  }

  /** {@code 2[(1 − α) · classification + α · alignment]}. */
  static NDArray rebalanced(NDArray classification, NDArray alignment, double alpha) {
    return Scaling.times(classification, 2 * (1 - alpha)).add(Scaling.times(alignment, 2 * alpha));
  }

  /** The mean over the units of {@code KL(m‖p_u)}, in the published program's order. */
  static NDArray alignment(Map<String, NDArray> logits) {
    Map<String, NDArray> divergences = divergences(logits);
    return Scaling.times(
        divergences.values().stream().reduce(NDArray::add).orElseThrow(), 1.0 / divergences.size());
  }

  /** By unit: {@code KL(m‖p_u)}, m the mean of all units' softmax; a scalar, mean over posts. */
  private static Map<String, NDArray> divergences(Map<String, NDArray> logits) {
    NDArray sum =
        logits.values().stream().map(array -> array.softmax(1)).reduce(NDArray::add).orElseThrow();
    NDArray mean = Scaling.times(sum, 1.0 / logits.size());
    NDArray logMean = mean.log();
    Map<String, NDArray> divergences = new LinkedHashMap<>();
    logits.forEach(
        (unit, array) ->
            divergences.put(
                unit, mean.mul(logMean.sub(array.logSoftmax(1))).sum(new int[] {1}).mean()));
    return divergences;
  }
}
