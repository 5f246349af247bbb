package org.equipoise.training.balance;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a balancer says of one batch.
 *
 * @param figures how well each view does alone
 * @param factors by view: what the step of its branch is multiplied by, for the record; 1 where
 *     left out
 * @param steps by parameter: what its step is multiplied by; 1 where left out
 * @param coefficients for the record, by name, then by view or modality
 */
public record Balance(
    ViewFigures figures,
    Map<String, Double> factors,
    Map<String, Double> steps,
    Map<String, Map<String, Double>> coefficients) {

  /** The views are watched, and nothing is slowed. */
  public static Balance watching(ViewFigures figures) {
    return new Balance(figures, Map.of(), Map.of(), Map.of());
  }

  /** The same, with steps multiplied. */
  public Balance slowing(Map<String, Double> byView, Map<String, Double> byParameter) {
    return new Balance(figures, byView, byParameter, coefficients);
  }

  /** The same, with another coefficient on record. */
  public Balance noting(String coefficient, Map<String, Double> values) {
    Map<String, Map<String, Double>> noted = new LinkedHashMap<>(coefficients);
    noted.put(coefficient, values);
    return new Balance(figures, factors, steps, noted);
  }

  /** What a parameter's step is multiplied by. */
  public double step(String parameter) {
    return steps.getOrDefault(parameter, 1.0);
  }
}
