package org.equipoise.training.balance;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.layers.Scaling;
import org.equipoise.systems.losses.CrossEntropy;

/**
 * ReconBoost (Hua et al., ICML 2024). The system's branches stay, what follows them is replaced by
 * a head for each modality; the verdict is the sum of their logits. In stages of some epochs one
 * modality learns what the others' sum still gets wrong, then all learn together, then it is the
 * next one's turn.
 */
public final class ReconBoost implements Balancer {
  /** The name that users type. */
  public static final String NAME = "reconboost";

  public static final Setting<Double> W1 =
      Setting.number(
          "reconboost.w1",
          5,
          0,
          1000,
          "Weight of the classes in the boosting loss (published code)");

  public static final Setting<Double> W2 =
      Setting.number(
          "reconboost.w2",
          1,
          0,
          1000,
          "Weight of what the others already tell in the boosting loss (published code)");

  public static final Setting<Double> ALPHA =
      Setting.number(
          "reconboost.alpha",
          0.5,
          0,
          1000,
          "Weight of the agreement with the modality before (published code, where it has no effect)");

  static final List<Setting<?>> SETTINGS = List.of(W1, W2, ALPHA);

  private static final int PERIOD = 4;

  private final Settings settings;
  private final int period;
  private Units units;
  private Heads heads;

  public ReconBoost(Settings settings) {
    this.settings = settings;
    period = Balancers.period(settings, PERIOD);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<String> notice() {
    return Optional.of(
        "ReconBoost trains the system's branches in turns and puts a head for each modality in the"
            + " place of its fusion and head: figures are those of the branches, not of the system.");
  }

  @Override
  public DetectionSystem adapt(DetectionSystem system, SystemContext context) {
    units = Units.several(NAME, system, settings);
    heads = Heads.alone(system, context, units);
    return heads;
  }

  /** Whose turn it is; empty where all learn together. */
  private Optional<String> turn(int epoch) {
    int stage = (epoch - 1) / period;
    return stage % 2 == 1
        ? Optional.empty()
        : Optional.of(units.names().get(stage / 2 % units.names().size()));
  }

  @Override
  public Learnt learn(Step step) {
    DetectionSystem.Output output = step.forward();
    Map<String, NDArray> logits = heads.logits(output);
    Optional<String> turn = turn(step.epoch());
    Map<String, NDArray> parts = new LinkedHashMap<>();
    NDArray total;
    if (turn.isPresent()) {
      NDArray own = logits.get(turn.get());
      NDArray others =
          logits.entrySet().stream()
              .filter(each -> !each.getKey().equals(turn.get()))
              .map(each -> each.getValue().stopGradient())
              .reduce(NDArray::add)
              .orElseThrow();
      NDArray boosting =
          boosting(own, others, step.targets().labels(), settings.get(W1), settings.get(W2));
      NDArray agreement = agreement(own, logits.get(before(turn.get())).stopGradient());
      parts.put("boosting", boosting);
      parts.put("agreement", agreement);
      total = boosting.add(Scaling.times(agreement, settings.get(ALPHA)));
    } else {
      total = CrossEntropy.of(heads.verdict(logits.values()), step.targets().labels());
      parts.put("classification", total);
    }
    step.backward(total);
    return new Learnt(new DetectionSystem.Losses(total, parts), balance(step, output, turn));
  }

  /** The modality whose turn was before. */
  private String before(String unit) {
    List<String> names = units.names();
    return names.get((names.indexOf(unit) + names.size() - 1) % names.size());
  }

  private Balance balance(Step step, DetectionSystem.Output output, Optional<String> turn) {
    Map<String, Double> steps = new LinkedHashMap<>();
    Map<String, Double> learning = new LinkedHashMap<>();
    for (String unit : units.names()) {
      boolean learns = turn.isEmpty() || turn.get().equals(unit);
      learning.put(unit, learns ? 1.0 : 0.0);
      if (!learns) {
        units.parameters(step.system(), unit).forEach(name -> steps.put(name, 0.0));
        heads.parameters(unit).forEach(name -> steps.put(name, 0.0));
      }
    }
    return Balance.watching(ViewFigures.of(output, step.labels()))
        .slowing(Map.of(), steps)
        .noting("learning", learning);
  }

  /**
   * {@code mean_i mean_c [−w₁ y log softmax(o) + w₂ y softmax(J) log softmax(o)]}, y one-hot.
   *
   * @param own o, {@code [B, M]}
   * @param others J, {@code [B, M]}
   */
  static NDArray boosting(NDArray own, NDArray others, NDArray labels, double w1, double w2) {
    long posts = labels.getShape().get(0);
    long classes = own.getShape().get(1);
    NDArray column = labels.reshape(posts, 1);
    NDArray log = own.logSoftmax(1).gather(column, 1);
    NDArray known = others.softmax(1).gather(column, 1);
    NDArray sum = Scaling.times(log.mul(known).mean(), w2).sub(Scaling.times(log.mean(), w1));
    return Scaling.times(sum, 1.0 / classes);
  }

  /** {@code mean((softmax(o) − softmax(previous))²)}. */
  static NDArray agreement(NDArray own, NDArray previous) {
    NDArray difference = own.softmax(1).sub(previous.softmax(1));
    return difference.mul(difference).mean();
  }
}
