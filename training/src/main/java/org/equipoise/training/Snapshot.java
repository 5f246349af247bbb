package org.equipoise.training;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.Map;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.training.optimizer.Gradients;

/**
 * A system's numbers at one moment, in Java's memory.
 *
 * @param parameters by name
 * @param buffers by name
 */
public record Snapshot(Map<String, float[]> parameters, Map<String, float[]> buffers) {
  /** Copies them. */
  public static Snapshot of(DetectionSystem system) {
    return new Snapshot(copy(system.parameters()), copy(system.buffers()));
  }

  private static Map<String, float[]> copy(Map<String, NDArray> arrays) {
    Map<String, float[]> copies = new LinkedHashMap<>();
    arrays.forEach((name, array) -> copies.put(name, array.toFloatArray()));
    return copies;
  }

  /** Copies them back. */
  public void restore(DetectionSystem system) {
    parameters.forEach(
        (name, values) -> Gradients.memory(system.parameters().get(name)).put(values));
    buffers.forEach((name, values) -> Gradients.memory(system.buffers().get(name)).put(values));
  }
}
