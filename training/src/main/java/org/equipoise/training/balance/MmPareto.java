package org.equipoise.training.balance;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemContext;
import org.equipoise.training.optimizer.Gradients;

/**
 * MMPareto (Wei and Hu, ICML 2024): each modality has a head of its own, and its branch follows
 * both the joint loss's gradient and its own head's. Where the two agree they count alike; where
 * they conflict the shortest convex combination gives the direction. What the published program
 * makes the gradient longer by is a factor of the step here.
 */
public final class MmPareto implements Balancer {
  /** The name that users type. */
  public static final String NAME = "mmpareto";

  public static final Setting<Double> GAMMA =
      Setting.number(
          "mmpareto.gamma",
          1.5,
          0,
          1000,
          "What branches' steps are multiplied by (published code)");

  static final List<Setting<?>> SETTINGS = List.of(GAMMA);

  private final Settings settings;
  private Units units;
  private Heads heads;

  public MmPareto(Settings settings) {
    this.settings = settings;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean changesGradients() {
    return true;
  }

  @Override
  public DetectionSystem adapt(DetectionSystem system, SystemContext context) {
    units = Units.several(NAME, system, settings);
    heads = Heads.beside(system, context, units);
    return heads;
  }

  @Override
  public Learnt learn(Step step) {
    DetectionSystem.Output output = step.forward();
    DetectionSystem.Losses losses = step.losses(output);
    Map<String, NDArray> own = heads.crossEntropies(output, step.targets().labels());
    step.backwardKeepingGraph(losses.total());
    Map<String, Map<String, float[]>> joint = new LinkedHashMap<>();
    for (String unit : units.names()) {
      joint.put(unit, taken(step, unit));
    }
    step.backward(own.values().stream().reduce(NDArray::add).orElseThrow());

    Map<String, Double> steps = new LinkedHashMap<>();
    Map<String, Double> weights = new LinkedHashMap<>();
    joint.forEach((unit, gradients) -> weights.put(unit, join(step, gradients, steps)));
    Map<String, NDArray> parts = new LinkedHashMap<>(losses.parts());
    own.forEach((unit, loss) -> parts.put("head_" + unit, loss));
    Balance balance =
        Balance.watching(ViewFigures.of(output, step.labels()))
            .slowing(Map.of(), steps)
            .noting("joint_weight", weights)
            .noting("enlargement", enlargements(step, steps));
    return new Learnt(new DetectionSystem.Losses(losses.total(), parts), balance);
  }

  /** A unit's branches' gradients, which are set back to zero. */
  private Map<String, float[]> taken(Step step, String unit) {
    Map<String, float[]> gradients = new LinkedHashMap<>();
    for (String name : units.parameters(step.system(), unit)) {
      NDArray parameter = step.system().parameters().get(name);
      float[] gradient = Gradients.copy(parameter);
      gradients.put(name, gradient);
      Gradients.set(parameter, new float[gradient.length]);
    }
    return gradients;
  }

  /** Puts the combined gradients in place; returns the joint one's weight. */
  private double join(Step step, Map<String, float[]> joint, Map<String, Double> steps) {
    Map<String, NDArray> parameters = step.system().parameters();
    Map<String, float[]> own = new LinkedHashMap<>();
    joint.keySet().forEach(name -> own.put(name, Gradients.copy(parameters.get(name))));
    double weight = weight(joint, own);
    joint.forEach(
        (name, g) -> {
          float[] combined = combined(g, own.get(name), weight);
          Gradients.set(parameters.get(name), combined);
          steps.put(name, enlargement(g, own.get(name), combined, settings.get(GAMMA)));
        });
    return weight;
  }

  private Map<String, Double> enlargements(Step step, Map<String, Double> steps) {
    Map<String, Double> means = new LinkedHashMap<>();
    units
        .names()
        .forEach(
            unit ->
                means.put(
                    unit,
                    units.parameters(step.system(), unit).stream()
                        .mapToDouble(steps::get)
                        .average()
                        .orElse(1)));
    return means;
  }

  /**
   * The joint gradient's weight: ½ where the two agree, else that of the shortest vector between
   * them, {@code (‖u‖² − g·u) / (‖g‖² + ‖u‖² − 2 g·u)}.
   */
  static double weight(Map<String, float[]> joint, Map<String, float[]> own) {
    double product = 0;
    double jointSquare = 0;
    double ownSquare = 0;
    for (Map.Entry<String, float[]> entry : joint.entrySet()) {
      float[] g = entry.getValue();
      float[] u = own.get(entry.getKey());
      product += product(g, u);
      jointSquare += product(g, g);
      ownSquare += product(u, u);
    }
    double between = jointSquare + ownSquare - 2 * product;
    return product > 0 || between == 0 ? 0.5 : (ownSquare - product) / between;
  }

  /** {@code 2a g + 2(1 − a) u}. */
  static float[] combined(float[] joint, float[] own, double weight) {
    float[] combined = new float[joint.length];
    for (int i = 0; i < combined.length; i++) {
      combined[i] = (float) (2 * weight * joint[i] + 2 * (1 - weight) * own[i]);
    }
    return combined;
  }

  /** {@code γ · max(1, ‖g + u‖ / ‖h‖)}. */
  static double enlargement(float[] joint, float[] own, float[] combined, double gamma) {
    double sum = product(joint, joint) + 2 * product(joint, own) + product(own, own);
    double square = product(combined, combined);
    return square == 0 ? gamma : gamma * Math.max(1, Math.sqrt(Math.max(0, sum) / square));
  }

  private static double product(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
