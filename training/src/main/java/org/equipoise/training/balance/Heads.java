package org.equipoise.training.balance;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.equipoise.core.Clause;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.layers.Linear;
import org.equipoise.systems.layers.Scaling;
import org.equipoise.systems.losses.CrossEntropy;

/**
 * A system with a dense layer of its own on each unit's representation: what the unit says alone,
 * within the graph for gradients.
 */
final class Heads extends AdaptedSystem {
  private final Units units;
  private final double share;
  private final Map<String, Linear> heads = new LinkedHashMap<>();

  private Heads(
      DetectionSystem inner,
      SystemContext context,
      Units units,
      List<String> hidden,
      double share) {
    super(inner, context, hidden);
    this.units = units;
    this.share = share;
    units
        .widths(inner)
        .forEach(
            (unit, width) ->
                heads.put(unit, Linear.of(own(), "balancer.head." + unit, width, inner.classes())));
  }

  /**
   * Heads beside the system's own, which gives the verdict.
   *
   * <p>Parameters {@code balancer.head.<unit>.weight} and {@code balancer.head.<unit>.bias}.
   */
  static Heads beside(DetectionSystem inner, SystemContext context, Units units) {
    return new Heads(inner, context, units, List.of(), 0);
  }

  /**
   * Heads that take the place of the system's own where that is one dense layer, and stand beside
   * it elsewhere.
   *
   * @param share what a unit's logits are multiplied by in the verdict, which is their sum
   */
  static Heads inPlace(DetectionSystem inner, SystemContext context, Units units, double share) {
    List<String> replaced = inner.linearHead();
    return new Heads(inner, context, units, replaced, replaced.isEmpty() ? 0 : share);
  }

  /** Heads in the place of all that the system makes of its branches. */
  static Heads alone(DetectionSystem inner, SystemContext context, Units units) {
    return new Heads(inner, context, units, units.outside(inner), 1);
  }

  /** Whether the verdict is these heads'. */
  boolean decide() {
    return share != 0;
  }

  /** The system's own, as long as it gives the verdict alone. */
  @Override
  public List<List<Clause>> clauses(Output output) {
    return decide() ? List.of() : inner().clauses(output);
  }

  @Override
  public Output forward(Input input, boolean training) {
    Output output = inner().forward(input, training);
    if (!decide()) {
      return output;
    }
    Map<String, NDArray> logits = logits(output);
    return units.saying(output, verdict(logits.values()), logits);
  }

  /** The sum of units' logits, each with its share; {@code [B, M]}. */
  NDArray verdict(Iterable<NDArray> logits) {
    NDArray sum = null;
    for (NDArray each : logits) {
      NDArray part = share == 1 || share == 0 ? each : Scaling.times(each, share);
      sum = sum == null ? part : sum.add(part);
    }
    return sum;
  }

  /** By unit {@code [B, M]}; 0 for posts that lack the unit. */
  Map<String, NDArray> logits(Output output) {
    Map<String, NDArray> logits = new LinkedHashMap<>();
    units
        .representations(output)
        .forEach(
            (unit, features) ->
                logits.put(unit, units.present(output, unit, heads.get(unit).forward(features))));
    return logits;
  }

  /** By unit: the cross-entropy of its own head, a scalar. */
  Map<String, NDArray> crossEntropies(Output output, NDArray labels) {
    Map<String, NDArray> losses = new LinkedHashMap<>();
    logits(output).forEach((unit, logits) -> losses.put(unit, CrossEntropy.of(logits, labels)));
    return losses;
  }

  /** Names of a unit's head's parameters. */
  List<String> parameters(String unit) {
    return List.of("balancer.head." + unit + ".weight", "balancer.head." + unit + ".bias");
  }
}
