package org.equipoise.training.balance;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.layers.Scaling;

/**
 * Adaptive gradient modulation (Li et al., ICCV 2023). The verdict is divided into a share for each
 * modality, by its Shapley value over passes without some of them; a modality whose share does
 * better against the others' than it usually does gets a smaller gradient, and a larger one where
 * it does worse.
 */
public final class Agm implements Balancer {
  /** The name that users type. */
  public static final String NAME = "agm";

  public static final Setting<Double> ALPHA =
      Setting.number(
          "agm.alpha", 1, 0, 100, "How strongly gradients are modulated (published code: 1)");

  public static final Setting<String> APPLY =
      Setting.choice(
          "agm.apply",
          "gradient",
          List.of("gradient", "step"),
          "What a modality's coefficient multiplies: the gradient into its share (published code),"
              + " most of which Adam takes back, or the step of its branch");

  static final List<Setting<?>> SETTINGS = List.of(ALPHA, APPLY);

  private static final double MOST = 10;

  private final Settings settings;
  private final Map<String, Double> running = new LinkedHashMap<>();
  private long steps;
  private Units units;

  public Agm(Settings settings) {
    this.settings = settings;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public DetectionSystem adapt(DetectionSystem system, SystemContext context) {
    units = Units.several(NAME, system, settings);
    units.names().forEach(unit -> running.put(unit, 0.0));
    return system;
  }

  @Override
  public void restore(Map<String, double[]> state) {
    running.replaceAll((unit, value) -> state.get("running." + unit)[0]);
    steps = (long) state.get("steps")[0];
  }

  @Override
  public Map<String, double[]> state() {
    Map<String, double[]> state = new LinkedHashMap<>();
    running.forEach((unit, value) -> state.put("running." + unit, new double[] {value}));
    state.put("steps", new double[] {steps});
    return state;
  }

  @Override
  public Learnt learn(Step step) {
    DetectionSystem.Output output = step.forward();
    Map<String, NDArray> shares = shares(step, output);
    Map<String, Double> losses = new LinkedHashMap<>();
    shares.forEach(
        (unit, share) ->
            losses.put(unit, Scores.crossEntropy(share, step.labels()) / step.labels().length));
    Map<String, Double> coefficients = coefficients(losses, running, settings.get(ALPHA));
    steps++;
    running.replaceAll((unit, mean) -> runningMean(mean, losses.get(unit), steps));
    boolean bySteps = settings.get(APPLY).equals("step");
    DetectionSystem.Losses minimised =
        step.losses(bySteps ? output : output.saying(modulated(shares, coefficients)));
    step.backward(minimised.total());
    Balance balance =
        Balance.watching(ViewFigures.of(output, step.labels()))
            .noting("coefficient", coefficients)
            .noting("share_loss", losses);
    return new Learnt(
        minimised, bySteps ? units.slow(balance, step.system(), coefficients) : balance);
  }

  /** By unit {@code [B, M]}: shares of the verdict that add up to it. */
  private Map<String, NDArray> shares(Step step, DetectionSystem.Output output) {
    List<String> names = units.names();
    int all = Subsets.all(names.size());
    NDArray[] verdicts = new NDArray[all + 1];
    verdicts[all] = output.logits();
    for (int set = 1; set < all; set++) {
      verdicts[set] =
          step.system()
              .forward(units.without(step.input(), Subsets.missing(set, names)), false)
              .logits();
    }
    return shares(names, verdicts);
  }

  /**
   * Shapley shares, to which what the empty set says is given in equal parts, so that it cancels
   * and the shares add up to the whole verdict.
   *
   * @param verdicts by set of units, {@code [B, M]}; that of the empty set is not read
   */
  static Map<String, NDArray> shares(List<String> names, NDArray[] verdicts) {
    Map<String, NDArray> shares = new LinkedHashMap<>();
    for (int u = 0; u < names.size(); u++) {
      NDArray share = null;
      for (int set = 1; set < verdicts.length; set++) {
        boolean with = (set >> u & 1) == 1;
        int others = Integer.bitCount(set) - (with ? 1 : 0);
        double weight = Subsets.shapleyWeight(others, names.size());
        NDArray term = Scaling.times(verdicts[set], with ? weight : -weight);
        share = share == null ? term : share.add(term);
      }
      shares.put(names.get(u), share);
    }
    return shares;
  }

  /** {@code exp(α · min(exp(τ_others − τ_u) − exp(ℓ_others − ℓ_u), 10))}, others by their mean. */
  static Map<String, Double> coefficients(
      Map<String, Double> losses, Map<String, Double> running, double alpha) {
    Map<String, Double> coefficients = new LinkedHashMap<>();
    losses.forEach(
        (unit, loss) -> {
          double ratio = Math.exp(others(losses, unit) - loss);
          double usual = Math.exp(others(running, unit) - running.get(unit));
          coefficients.put(unit, Math.exp(alpha * Math.min(usual - ratio, MOST)));
        });
    return coefficients;
  }

  /** The mean over all steps after another one, counted from 1. */
  static double runningMean(double mean, double loss, long step) {
    return mean * (step - 1) / step + loss / step;
  }

  private static double others(Map<String, Double> values, String unit) {
    double sum = values.values().stream().mapToDouble(Double::doubleValue).sum();
    return (sum - values.get(unit)) / (values.size() - 1);
  }

  /** The sum of the shares, through each of which the gradient goes back multiplied. */
  static NDArray modulated(Map<String, NDArray> shares, Map<String, Double> coefficients) {
    return shares.entrySet().stream()
        .map(
            share -> {
              double k = coefficients.get(share.getKey());
              return Scaling.times(share.getValue(), k)
                  .add(Scaling.times(share.getValue().stopGradient(), 1 - k));
            })
        .reduce(NDArray::add)
        .orElseThrow();
  }
}
