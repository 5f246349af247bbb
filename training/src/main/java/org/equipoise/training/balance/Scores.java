package org.equipoise.training.balance;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.equipoise.systems.DetectionSystem;

/** How well units tell the classes of a batch, against each other (Peng et al., CVPR 2022). */
final class Scores {
  private Scores() {}

  /** {@code s = Σ_i softmax(logits_i)[label_i]}, by unit; posts that lack the unit add nothing. */
  static Map<String, Double> of(Units units, DetectionSystem.Output output, long[] labels) {
    Map<String, Double> scores = new LinkedHashMap<>();
    units
        .logits(output)
        .forEach(
            (unit, logits) -> scores.put(unit, of(logits, units.presence(output, unit), labels)));
    return scores;
  }

  /** One unit's score. */
  static double of(NDArray logits, Optional<float[]> presence, long[] labels) {
    float[] values = logits.toFloatArray();
    int classes = values.length / labels.length;
    double sum = 0;
    for (int i = 0; i < labels.length; i++) {
      if (presence.isEmpty() || presence.get()[i] != 0) {
        sum += ViewFigures.trueProbability(values, i * classes, classes, (int) labels[i]);
      }
    }
    return sum;
  }

  /** {@code ρ = s / mean of the others' s}, by unit; 1 where all others are 0. */
  static Map<String, Double> ratios(Map<String, Double> scores) {
    double sum = scores.values().stream().mapToDouble(Double::doubleValue).sum();
    Map<String, Double> ratios = new LinkedHashMap<>();
    scores.forEach(
        (unit, score) -> {
          double others = (sum - score) / (scores.size() - 1);
          ratios.put(unit, others > 0 ? score / others : 1);
        });
    return ratios;
  }

  /** {@code −Σ_i log softmax(logits_i)[label_i]}. */
  static double crossEntropy(NDArray logits, long[] labels) {
    float[] values = logits.toFloatArray();
    int classes = values.length / labels.length;
    double sum = 0;
    for (int i = 0; i < labels.length; i++) {
      sum -= Math.log(ViewFigures.trueProbability(values, i * classes, classes, (int) labels[i]));
    }
    return sum;
  }
}
