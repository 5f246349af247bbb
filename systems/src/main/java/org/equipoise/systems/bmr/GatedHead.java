package org.equipoise.systems.bmr;

import ai.djl.ndarray.NDArray;
import org.equipoise.systems.layers.BatchNorm;
import org.equipoise.systems.layers.Linear;
import org.equipoise.systems.layers.Parameters;

/** {@code logit(norm(gate(trim(x))))}: what a view says alone. */
final class GatedHead {
  private final Linear trim;
  private final BatchNorm norm;
  private final Linear logit;

  /** Parameters {@code <name>.{trim,trim_norm,logit}}; half of the inner width passes the gate. */
  GatedHead(Parameters parameters, String name, long width, long inner, long outputs) {
    trim = Linear.of(parameters, name + ".trim", width, inner);
    norm = new BatchNorm(parameters, name + ".trim_norm", inner / 2);
    logit = Linear.of(parameters, name + ".logit", inner / 2, outputs);
  }

  /** {@code [B, width] → [B, outputs]}. */
  NDArray forward(NDArray x, boolean training) {
    return logit.forward(norm.forward(SimpleGate.of(trim.forward(x)), training));
  }
}
