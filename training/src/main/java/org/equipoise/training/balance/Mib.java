package org.equipoise.training.balance;

import java.util.LinkedHashMap;
import java.util.Map;
import org.equipoise.core.config.Setting;
import org.equipoise.systems.DetectionSystem;

/**
 * MIB, the balancer of BMLHF (Eqs. 2–5): a view whose share ρ of all views' ability is above an
 * even share takes smaller steps, {@code k = 1 − tanh(α₁ρ)}; the others are left alone. The factor
 * scales the step of the view's branch and not its gradient, because Adam divides a gradient by its
 * own size and a factor on it would all but cancel.
 */
public final class Mib implements Balancer {
  /** The name that users type. */
  public static final String NAME = "mib";

  /** α₁ of Eq. 4. */
  public static final Setting<Double> ALPHA1 =
      Setting.number(
          "mib.alpha1",
          0.8,
          0,
          10,
          "How strongly MIB slows a dominant view, α₁ of Eq. 4; 0 leaves every view alone (paper: 0.8)");

  private final double alpha1;

  public Mib(double alpha1) {
    this.alpha1 = alpha1;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Balance judge(Step step, DetectionSystem.Output output) {
    ViewFigures figures = ViewFigures.of(output, step.labels());
    Map<String, Double> factors = factors(figures);
    Map<String, Double> steps = new LinkedHashMap<>();
    factors.forEach(
        (view, factor) ->
            step.system().branches().get(view).forEach(name -> steps.put(name, factor)));
    return Balance.watching(figures).slowing(factors, steps);
  }

  /** Eq. 4, by view. */
  public Map<String, Double> factors(ViewFigures figures) {
    double evenShare = 1.0 / figures.rho().size();
    Map<String, Double> factors = new LinkedHashMap<>();
    figures
        .rho()
        .forEach(
            (view, rho) -> factors.put(view, rho > evenShare ? 1 - Math.tanh(alpha1 * rho) : 1));
    return factors;
  }
}
