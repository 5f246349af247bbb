package org.equipoise.training.balance;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.layers.Scaling;
import org.equipoise.training.Snapshot;
import org.equipoise.training.Visit;

/**
 * Gradient blending (Wang et al., CVPR 2020), online: each modality has a head of its own, and the
 * losses of these heads and of the joint one are weighed by how much each generalises for how much
 * it overfits. Every so many epochs each head trains alone for an epoch from the present weights,
 * on a copy that is thrown away; from its mean losses before and after, {@code G = L^V_0 − L^V_n},
 * {@code O = (L^V_n − L^T_n) − (L^V_0 − L^T_0)}, {@code w ∝ G / O²}. A tenth of the training posts
 * is held out for it all along.
 */
public final class GradientBlending implements Balancer {
  /** The name that users type. */
  public static final String NAME = "gradient-blending";

  public static final Setting<Double> HELD_OUT =
      Setting.number(
          "gradient_blending.held_out",
          0.1,
          0.001,
          0.9,
          "Share of the training posts that measures and is not trained on (decided)");

  static final List<Setting<?>> SETTINGS = List.of(HELD_OUT);

  /** The joint head's name among the modalities'. */
  static final String JOINT = "joint";

  private static final int PERIOD = 10;
  private static final double LEAST_OVERFITTING = 1e-12;

  private final Settings settings;
  private final int period;
  private Units units;
  private Heads heads;
  private TrainingRun run;
  private List<Visit> held = List.of();
  private Map<String, Double> weights = new LinkedHashMap<>();
  private double seconds;

  /**
   * Mean losses of a head before or after a stretch of training.
   *
   * @param training on posts that are trained on
   * @param held on posts that are not
   */
  record Stand(double training, double held) {}

  public GradientBlending(Settings settings) {
    this.settings = settings;
    period = Balancers.period(settings, PERIOD);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public DetectionSystem adapt(DetectionSystem system, SystemContext context) {
    units = Units.several(NAME, system, settings);
    heads = Heads.beside(system, context, units);
    return heads;
  }

  @Override
  public void begin(TrainingRun training) {
    run = training;
  }

  @Override
  public void restore(Map<String, double[]> state) {
    state.forEach((head, weight) -> weights.put(head, weight[0]));
  }

  @Override
  public Map<String, double[]> state() {
    Map<String, double[]> state = new LinkedHashMap<>();
    weights.forEach((head, weight) -> state.put(head, new double[] {weight}));
    return state;
  }

  @Override
  public List<Visit> beforeEpoch(int epoch, List<Visit> posts) {
    List<Visit> kept = new ArrayList<>();
    List<Visit> out = new ArrayList<>();
    int[] places = run.shuffled(posts.size(), "held out");
    int count = Math.max(1, (int) Math.round(posts.size() * settings.get(HELD_OUT)));
    IntStream.range(0, places.length)
        .forEach(i -> (i < count ? out : kept).add(posts.get(places[i])));
    held = out;
    seconds = 0;
    if (weights.isEmpty() || (epoch - 1) % period == 0) {
      long start = System.nanoTime();
      weights = measure(kept, epoch);
      seconds = (System.nanoTime() - start) / 1e9;
    }
    return kept;
  }

  /** Each head's loss, before and after an epoch of it alone, makes its weight. */
  private Map<String, Double> measure(List<Visit> kept, int epoch) {
    Snapshot now = Snapshot.of(run.system());
    Map<String, Stand> before = stands(kept);
    Map<String, Stand> after = new LinkedHashMap<>();
    for (String head : before.keySet()) {
      run.pass(kept, "measuring " + head, epoch, step -> alone(step, head));
      after.put(head, stands(kept).get(head));
      now.restore(run.system());
    }
    return weights(before, after);
  }

  private DetectionSystem.Losses alone(Step step, String head) {
    DetectionSystem.Output output = step.forward();
    NDArray loss = losses(output, step).get(head);
    return new DetectionSystem.Losses(loss, Map.of(head, loss));
  }

  private Map<String, NDArray> losses(DetectionSystem.Output output, Step step) {
    Map<String, NDArray> losses =
        new LinkedHashMap<>(heads.crossEntropies(output, step.targets().labels()));
    losses.put(JOINT, step.losses(output).total());
    return losses;
  }

  /** Every head's mean cross-entropy on both parts. */
  private Map<String, Stand> stands(List<Visit> kept) {
    Map<String, Double> training = crossEntropies(kept);
    Map<String, Double> outside = crossEntropies(held);
    Map<String, Stand> stands = new LinkedHashMap<>();
    training.forEach((head, loss) -> stands.put(head, new Stand(loss, outside.get(head))));
    return stands;
  }

  private Map<String, Double> crossEntropies(List<Visit> visits) {
    Map<String, Double> sums = new LinkedHashMap<>();
    run.score(
        run.training(),
        visits,
        (output, labels) -> {
          heads
              .logits(output)
              .forEach(
                  (unit, logits) ->
                      sums.merge(unit, Scores.crossEntropy(logits, labels), Double::sum));
          sums.merge(JOINT, Scores.crossEntropy(output.logits(), labels), Double::sum);
        });
    sums.replaceAll((head, sum) -> sum / visits.size());
    return sums;
  }

  /** {@code w ∝ G / O²}; G below 0 counts as 0, O² is at least 1e-12; all 0 gives equal weights. */
  static Map<String, Double> weights(Map<String, Stand> before, Map<String, Stand> after) {
    Map<String, Double> weights = new LinkedHashMap<>();
    before.forEach(
        (head, start) -> {
          double gain = Math.max(0, generalisation(start, after.get(head)));
          double over = overfitting(start, after.get(head));
          weights.put(head, gain / Math.max(over * over, LEAST_OVERFITTING));
        });
    double sum = weights.values().stream().mapToDouble(Double::doubleValue).sum();
    weights.replaceAll((head, weight) -> sum > 0 ? weight / sum : 1.0 / weights.size());
    return weights;
  }

  static double generalisation(Stand start, Stand end) {
    return start.held - end.held;
  }

  static double overfitting(Stand start, Stand end) {
    return (end.held - end.training) - (start.held - start.training);
  }

  @Override
  public DetectionSystem.Losses weigh(
      Step step, DetectionSystem.Output output, DetectionSystem.Losses losses) {
    Map<String, NDArray> each =
        new LinkedHashMap<>(heads.crossEntropies(output, step.targets().labels()));
    Map<String, NDArray> parts = new LinkedHashMap<>(losses.parts());
    each.forEach((unit, loss) -> parts.put("head_" + unit, loss));
    each.put(JOINT, losses.total());
    NDArray total =
        each.entrySet().stream()
            .map(head -> Scaling.times(head.getValue(), weights.get(head.getKey())))
            .reduce(NDArray::add)
            .orElseThrow();
    return new DetectionSystem.Losses(total, parts);
  }

  @Override
  public Balance judge(Step step, DetectionSystem.Output output) {
    return Balance.watching(ViewFigures.of(output, step.labels()))
        .noting("weight", weights)
        .noting("seconds", Map.of("measuring", seconds));
  }
}
