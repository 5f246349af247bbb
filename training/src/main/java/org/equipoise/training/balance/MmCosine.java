package org.equipoise.training.balance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
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
 * MMCosine (Xu et al., ICASSP 2023): each modality's logits are the cosines between its
 * representation and its part of each class's weights, times a scale, so that none rules the sum by
 * its length. Where the system's head is one dense layer on the representations, this takes its
 * place, in training and prediction; elsewhere it is a head beside the system's, whose loss joins
 * with equal weight.
 */
public final class MmCosine implements Balancer {
  /** The name that users type. */
  public static final String NAME = "mmcosine";

  public static final Setting<Double> SCALE =
      Setting.number(
          "mmcosine.scale",
          10,
          0.001,
          1000,
          "What the cosines are multiplied by (published code: 10; BalanceBenchmark: 15)");

  static final List<Setting<?>> SETTINGS = List.of(SCALE);

  /** Keeps the length of a representation that is zero from dividing by zero, squared. */
  private static final float LEAST_SQUARE = 1e-12f;

  private final Settings settings;
  private Units units;

  public MmCosine(Settings settings) {
    this.settings = settings;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public DetectionSystem adapt(DetectionSystem system, SystemContext context) {
    units = Units.several(NAME, system, settings);
    return new Cosines(system, context, units, settings.get(SCALE));
  }

  @Override
  public Balance judge(Step step, DetectionSystem.Output output) {
    Map<String, Double> strengths = new LinkedHashMap<>();
    units
        .names()
        .forEach(
            unit ->
                strengths.put(
                    unit,
                    (double) output.stages().get(Cosines.STAGE + unit).abs().mean().getFloat()));
    return Balance.watching(ViewFigures.of(output, step.labels())).noting("logit", strengths);
  }

  /** {@code s · (x / ‖x‖) · (W_c / ‖W_c‖)}, {@code [B, M]}. */
  static NDArray logits(NDArray x, NDArray weight, double scale) {
    NDManager scope = x.getManager();
    NDArray direction = x.div(length(x, scope));
    NDArray products = x.getNDArrayInternal().linear(direction, weight, null).singletonOrThrow();
    NDArray lengths = length(weight, scope);
    return Scaling.times(products.div(lengths.reshape(1, weight.getShape().get(0))), scale);
  }

  /** {@code [N, 1]}; what is made of parameters alone would otherwise outlive the batch. */
  private static NDArray length(NDArray rows, NDManager scope) {
    NDArray squares = rows.mul(rows);
    squares.attach(scope);
    NDArray sums = squares.sum(new int[] {1}, true);
    NDArray least = scope.create(LEAST_SQUARE).duplicate();
    return sums.add(least).sqrt();
  }

  /** A system with cosine logits. */
  private static final class Cosines extends AdaptedSystem {
    static final String STAGE = "balancer.cosine.";

    private final Units units;
    private final double scale;
    private final boolean instead;
    private final Map<String, NDArray> weights = new LinkedHashMap<>();

    /** Parameters {@code balancer.cosine.<unit>.weight [M, d]}. */
    Cosines(DetectionSystem inner, SystemContext context, Units units, double scale) {
      super(inner, context, inner.linearHead());
      this.units = units;
      this.scale = scale;
      instead = !inner.linearHead().isEmpty();
      units
          .widths(inner)
          .forEach(
              (unit, width) ->
                  weights.put(
                      unit,
                      own().uniform(STAGE + unit + ".weight", width, inner.classes(), width)));
    }

    @Override
    public Output forward(Input input, boolean training) {
      Output output = inner().forward(input, training);
      Map<String, NDArray> logits = new LinkedHashMap<>();
      units
          .representations(output)
          .forEach(
              (unit, features) -> logits.put(unit, logits(features, weights.get(unit), scale)));
      Map<String, NDArray> stages = new LinkedHashMap<>(output.stages());
      logits.forEach((unit, array) -> stages.put(STAGE + unit, array));
      Output said = instead ? units.saying(output, sum(stages), logits) : output;
      return said.with(stages);
    }

    private NDArray sum(Map<String, NDArray> stages) {
      return units.names().stream()
          .map(unit -> stages.get(STAGE + unit))
          .reduce(NDArray::add)
          .orElseThrow();
    }

    @Override
    public Losses losses(Output output, Targets targets) {
      Losses losses = inner().losses(output, targets);
      if (instead) {
        return losses;
      }
      NDArray cosine = CrossEntropy.of(sum(output.stages()), targets.labels());
      Map<String, NDArray> parts = new LinkedHashMap<>(losses.parts());
      parts.put("cosine", cosine);
      return new Losses(losses.total().add(cosine), parts);
    }
  }
}
