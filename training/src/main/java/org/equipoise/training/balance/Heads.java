package org.equipoise.training.balance;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.layers.Linear;
import org.equipoise.systems.losses.CrossEntropy;

/**
 * A system with a dense layer of its own on each unit's representation: what the unit says alone,
 * within the graph for gradients. The verdict stays the system's.
 */
final class Heads extends AdaptedSystem {
  private final Units units;
  private final Map<String, Linear> heads = new LinkedHashMap<>();

  /** Parameters {@code balancer.head.<unit>.weight} and {@code balancer.head.<unit>.bias}. */
  Heads(DetectionSystem inner, SystemContext context, Units units) {
    super(inner, context, List.of());
    this.units = units;
    units
        .widths(inner)
        .forEach(
            (unit, width) ->
                heads.put(unit, Linear.of(own(), "balancer.head." + unit, width, inner.classes())));
  }

  /** By unit {@code [B, M]}. */
  Map<String, NDArray> logits(Output output) {
    Map<String, NDArray> logits = new LinkedHashMap<>();
    units
        .representations(output)
        .forEach((unit, features) -> logits.put(unit, heads.get(unit).forward(features)));
    return logits;
  }

  /** By unit: the cross-entropy of its own head, a scalar. */
  Map<String, NDArray> crossEntropies(Output output, NDArray labels) {
    Map<String, NDArray> losses = new LinkedHashMap<>();
    logits(output).forEach((unit, logits) -> losses.put(unit, CrossEntropy.of(logits, labels)));
    return losses;
  }
}
