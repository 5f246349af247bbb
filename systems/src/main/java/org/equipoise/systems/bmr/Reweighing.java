package org.equipoise.systems.bmr;

import ai.djl.ndarray.NDArray;
import org.equipoise.systems.layers.BatchNorm;
import org.equipoise.systems.layers.Linear;
import org.equipoise.systems.layers.Parameters;

/** What a view is multiplied by, from what it says alone; any number, as nothing bounds it. */
final class Reweighing {
  private final Linear first;
  private final BatchNorm firstNorm;
  private final Linear second;
  private final BatchNorm secondNorm;
  private final Linear third;

  /** Parameters {@code <name>.{0,norm0,1,norm1,2}}; half of the inner width passes a gate. */
  Reweighing(Parameters parameters, String name, long probabilities, long inner) {
    first = Linear.of(parameters, name + ".0", probabilities, inner);
    firstNorm = new BatchNorm(parameters, name + ".norm0", inner / 2);
    second = Linear.of(parameters, name + ".1", inner / 2, inner);
    secondNorm = new BatchNorm(parameters, name + ".norm1", inner / 2);
    third = Linear.of(parameters, name + ".2", inner / 2, 1);
  }

  /**
   * {@code [B, 1]}; what the probabilities come from is not moved.
   *
   * @param probabilities {@code [B, p]}
   */
  NDArray forward(NDArray probabilities, boolean training) {
    NDArray x = first.forward(probabilities.stopGradient());
    NDArray y = second.forward(firstNorm.forward(SimpleGate.of(x), training));
    return third.forward(secondNorm.forward(SimpleGate.of(y), training));
  }
}
