package org.equipoise.training.balance;

import ai.djl.ndarray.NDArray;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemContext;
import org.equipoise.training.KMeans;
import org.equipoise.training.LabelledPosts;
import org.equipoise.training.Visit;
import org.equipoise.training.optimizer.Gradients;

/**
 * Diagnosing and re-learning (Wei et al., ECCV 2024). Every so many epochs each modality's
 * representations are clustered, of training and of validation posts; the further the clusters'
 * purities lie apart, the more the modality has learnt its training posts by heart, and the further
 * its branch goes back to its initial parameters: {@code β · initial + (1 − β) · current}, {@code β
 * = tanh(λ · gap)}.
 */
public final class Relearning implements Balancer {
  /** The name that users type. */
  public static final String NAME = "relearning";

  public static final Setting<Double> LAMBDA =
      Setting.number(
          "relearning.lambda",
          3,
          0,
          1000,
          "How far a gap of purities sends a branch back (published code)");

  public static final Setting<Integer> TIMES =
      Setting.integer("relearning.times", 3, 0, 1000, "How often at most (published code)");

  static final List<Setting<?>> SETTINGS = List.of(LAMBDA, TIMES);

  private static final int PERIOD = 20;

  private final Settings settings;
  private final int period;
  private final Map<String, float[]> initial = new LinkedHashMap<>();
  private final Map<String, Double> betas = new LinkedHashMap<>();
  private Units units;
  private TrainingRun run;

  public Relearning(Settings settings) {
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
    units.names().forEach(unit -> betas.put(unit, 0.0));
    return system;
  }

  @Override
  public void begin(TrainingRun training) {
    run = training;
    for (String unit : units.names()) {
      for (String name : units.parameters(run.system(), unit)) {
        initial.put(name, run.system().parameters().get(name).toFloatArray());
      }
    }
  }

  @Override
  public void restore(Map<String, double[]> state) {
    betas.replaceAll((unit, beta) -> state.get("beta." + unit)[0]);
  }

  @Override
  public Map<String, double[]> state() {
    Map<String, double[]> state = new LinkedHashMap<>();
    betas.forEach((unit, beta) -> state.put("beta." + unit, new double[] {beta}));
    return state;
  }

  @Override
  public void afterEpoch(int epoch) {
    betas.replaceAll((unit, beta) -> 0.0);
    if (epoch % period != 0 || epoch / period > settings.get(TIMES)) {
      return;
    }
    Map<String, Double> training = purities(run.training(), epoch);
    Map<String, Double> validation = purities(run.validation(), epoch);
    for (String unit : units.names()) {
      double beta = beta(training.get(unit), validation.get(unit), settings.get(LAMBDA));
      betas.put(unit, beta);
      for (String name : units.parameters(run.system(), unit)) {
        goBack(run.system().parameters().get(name), initial.get(name), beta);
      }
    }
  }

  /** By unit: how pure the clusters of these posts' representations are. */
  private Map<String, Double> purities(LabelledPosts posts, int epoch) {
    Map<String, List<double[]>> rows = new LinkedHashMap<>();
    Map<String, List<Long>> labels = new LinkedHashMap<>();
    units
        .names()
        .forEach(
            unit -> {
              rows.put(unit, new ArrayList<>());
              labels.put(unit, new ArrayList<>());
            });
    run.score(
        posts,
        Visit.all(posts.size()),
        (output, classes) ->
            units
                .representations(output)
                .forEach(
                    (unit, array) ->
                        add(
                            array,
                            units.presence(output, unit),
                            classes,
                            rows.get(unit),
                            labels.get(unit))));
    Map<String, Double> purities = new LinkedHashMap<>();
    int classes = run.system().classes();
    rows.forEach(
        (unit, features) -> {
          double[][] scaled = scaled(features.toArray(double[][]::new));
          int[] clusters =
              scaled.length == 0
                  ? new int[0]
                  : KMeans.of(scaled, classes, run.seed("clusters " + unit, epoch));
          purities.put(
              unit,
              purity(
                  labels.get(unit).stream().mapToLong(Long::longValue).toArray(),
                  clusters,
                  classes));
        });
    return purities;
  }

  private static void add(
      NDArray array,
      Optional<float[]> presence,
      long[] classes,
      List<double[]> rows,
      List<Long> labels) {
    float[] values = array.toFloatArray();
    int width = values.length / classes.length;
    for (int i = 0; i < classes.length; i++) {
      if (presence.isEmpty() || presence.get()[i] != 0) {
        double[] row = new double[width];
        for (int d = 0; d < width; d++) {
          row[d] = values[i * width + d];
        }
        rows.add(row);
        labels.add(classes[i]);
      }
    }
  }

  /** Every dimension from −1 at its least to 1 at its largest; 0 where it is the same for all. */
  static double[][] scaled(double[][] rows) {
    double[][] scaled = new double[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      scaled[i] = new double[rows[i].length];
    }
    for (int d = 0; rows.length > 0 && d < rows[0].length; d++) {
      double least = Double.POSITIVE_INFINITY;
      double most = Double.NEGATIVE_INFINITY;
      for (double[] row : rows) {
        least = Math.min(least, row[d]);
        most = Math.max(most, row[d]);
      }
      for (int i = 0; i < rows.length; i++) {
        scaled[i][d] = most > least ? 2 * (rows[i][d] - least) / (most - least) - 1 : 0;
      }
    }
    return scaled;
  }

  /** The share of posts that carry their cluster's most frequent label. */
  static double purity(long[] labels, int[] clusters, int classes) {
    Map<Integer, int[]> counts = new LinkedHashMap<>();
    for (int i = 0; i < labels.length; i++) {
      counts.computeIfAbsent(clusters[i], c -> new int[classes])[(int) labels[i]]++;
    }
    double pure = 0;
    for (int[] cluster : counts.values()) {
      int most = 0;
      for (int count : cluster) {
        most = Math.max(most, count);
      }
      pure += most;
    }
    return labels.length == 0 ? 0 : pure / labels.length;
  }

  /** {@code tanh(λ · |gap|)}. */
  static double beta(double training, double validation, double lambda) {
    return Math.tanh(lambda * Math.abs(training - validation));
  }

  /** {@code β · initial + (1 − β) · current}. */
  static void goBack(NDArray parameter, float[] initial, double beta) {
    FloatBuffer current = Gradients.memory(parameter);
    for (int i = 0; i < initial.length; i++) {
      current.put(i, (float) (beta * initial[i] + (1 - beta) * current.get(i)));
    }
  }

  @Override
  public Balance judge(Step step, DetectionSystem.Output output) {
    return Balance.watching(ViewFigures.of(output, step.labels())).noting("beta", betas);
  }
}
