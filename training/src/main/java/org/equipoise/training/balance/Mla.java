package org.equipoise.training.balance;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.layers.Linear;
import org.equipoise.systems.losses.CrossEntropy;
import org.equipoise.training.optimizer.Gradients;

/**
 * Multimodal learning with alternating unimodal adaptation (Zhang et al., CVPR 2024). The system's
 * branches stay, what follows them is replaced: a dense layer brings each modality to one width,
 * and one head is shared by all. Within a batch the modalities take turns, each with its own
 * cross-entropy and its own step; the head's gradient is projected so that a step for one modality
 * disturbs little of what the head learnt from the others. The verdict weighs the modalities'
 * logits by {@code exp(−entropy)} of what each says of the post.
 */
public final class Mla implements Balancer {
  /** The name that users type. */
  public static final String NAME = "mla";

  public static final Setting<Integer> WIDTH =
      Setting.integer(
          "mla.width",
          64,
          1,
          65_536,
          "The one width that modalities are brought to for the shared head (decided)");

  public static final Setting<String> VERDICT =
      Setting.choice(
          "mla.verdict",
          "entropy",
          List.of("entropy", "mean"),
          "Whether modalities count by how sure they are of a post, or alike (published code: both)");

  static final List<Setting<?>> SETTINGS = List.of(WIDTH, VERDICT);

  private final Settings settings;
  private Units units;
  private Turns network;
  private Projection projection;

  public Mla(Settings settings) {
    this.settings = settings;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<String> notice() {
    return Optional.of(
        "MLA trains the system's branches in turns and puts a shared head in the place of its fusion"
            + " and head: figures are those of the branches, not of the system.");
  }

  @Override
  public boolean changesGradients() {
    return true;
  }

  @Override
  public DetectionSystem adapt(DetectionSystem system, SystemContext context) {
    units = Units.several(NAME, system, settings);
    network = new Turns(system, context, units, settings);
    projection = new Projection(settings.get(WIDTH));
    return network;
  }

  @Override
  public void restore(Map<String, double[]> state) {
    projection.restore(state.get("projection"), (long) state.get("steps")[0]);
  }

  @Override
  public Map<String, double[]> state() {
    return Map.of("projection", projection.values(), "steps", new double[] {projection.steps()});
  }

  @Override
  public Learnt learn(Step step) {
    DetectionSystem.Output output = step.forward();
    Map<String, NDArray> losses = new LinkedHashMap<>();
    List<String> names = units.names();
    NDArray head = step.system().parameters().get(Turns.HEAD_WEIGHT);
    double scale = Math.pow(0.1, 1 + (double) step.batch() / step.batches());
    double total = 0;
    Map<String, Double> projected = new LinkedHashMap<>();
    for (int u = 0; u < names.size(); u++) {
      String unit = names.get(u);
      NDArray features = network.features(output, unit);
      // the head has moved since the turn before, so its logits are made only now
      NDArray loss = CrossEntropy.of(network.logits(features), step.targets().labels());
      step.backward(loss);
      losses.put(unit, loss);
      total += loss.getFloat();
      float[] gradient = Gradients.copy(head);
      float[] changed = projection.project(gradient, means(features), scale);
      Gradients.set(head, changed);
      projected.put(unit, length(changed) / Math.max(length(gradient), 1e-12));
      if (u + 1 < names.size()) {
        step.take(turn(step, output, unit));
      }
    }
    Map<String, NDArray> parts = new LinkedHashMap<>();
    losses.forEach((unit, loss) -> parts.put("turn_" + unit, loss));
    DetectionSystem.Losses record =
        new DetectionSystem.Losses(step.scope().create((float) total), parts);
    String last = names.get(names.size() - 1);
    return new Learnt(record, turn(step, output, last).noting("projected", projected));
  }

  /** Only the unit's own branches, its dense layer and the shared head move. */
  private Balance turn(Step step, DetectionSystem.Output output, String unit) {
    Map<String, Double> steps = new LinkedHashMap<>();
    step.system().parameters().keySet().forEach(name -> steps.put(name, 0.0));
    units.parameters(step.system(), unit).forEach(name -> steps.put(name, 1.0));
    network.own().byName().keySet().stream()
        .filter(name -> name.startsWith(Turns.dense(unit)) || name.startsWith(Turns.HEAD))
        .forEach(name -> steps.put(name, 1.0));
    return Balance.watching(ViewFigures.of(output, step.labels())).slowing(Map.of(), steps);
  }

  private static double[] means(NDArray rows) {
    float[] values = rows.toFloatArray();
    int posts = (int) rows.getShape().get(0);
    double[] means = new double[values.length / posts];
    for (int i = 0; i < values.length; i++) {
      means[i % means.length] += values[i] / (double) posts;
    }
    return means;
  }

  private static double length(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }

  /** Recursive least squares over what the head has read: {@code P [d, d]}. */
  static final class Projection {
    private final int width;
    private final double[] p;
    private long steps;

    Projection(int width) {
      this.width = width;
      p = new double[width * width];
      for (int i = 0; i < width; i++) {
        p[i * width + i] = 1;
      }
    }

    double[] values() {
      return p;
    }

    long steps() {
      return steps;
    }

    void restore(double[] values, long taken) {
      System.arraycopy(values, 0, p, 0, p.length);
      steps = taken;
    }

    /**
     * {@code k = P rᵀ}, {@code P −= k kᵀ / (a + r k)}, {@code P / ‖P‖}; then the gradient times
     * {@code Pᵀ}. The first gradient of all stays as it is.
     *
     * @param gradient {@code [M, d]}
     * @param r the batch's mean features, {@code [d]}
     */
    float[] project(float[] gradient, double[] r, double a) {
      if (steps++ == 0) {
        return gradient;
      }
      update(r, a);
      float[] projected = new float[gradient.length];
      for (int row = 0; row < gradient.length / width; row++) {
        for (int i = 0; i < width; i++) {
          double sum = 0;
          for (int j = 0; j < width; j++) {
            sum += gradient[row * width + j] * p[i * width + j];
          }
          projected[row * width + i] = (float) sum;
        }
      }
      return projected;
    }

    private void update(double[] r, double a) {
      double[] k = new double[width];
      double product = 0;
      for (int i = 0; i < width; i++) {
        for (int j = 0; j < width; j++) {
          k[i] += p[i * width + j] * r[j];
        }
        product += r[i] * k[i];
      }
      double squares = 0;
      for (int i = 0; i < width; i++) {
        for (int j = 0; j < width; j++) {
          int at = i * width + j;
          p[at] -= k[i] * k[j] / (a + product);
          squares += p[at] * p[at];
        }
      }
      double norm = Math.sqrt(squares);
      for (int i = 0; i < p.length; i++) {
        p[i] /= norm;
      }
    }
  }

  /**
   * By unit {@code [B]}: {@code exp(largest entropy − entropy)}, normalised over the units; a unit
   * that a post lacks gets 0.
   *
   * @param logits by unit {@code [B][M]}
   * @param presence by unit, where some posts lack it
   */
  static Map<String, float[]> weights(
      Map<String, double[][]> logits, Map<String, float[]> presence) {
    int posts = logits.values().iterator().next().length;
    Map<String, float[]> weights = new LinkedHashMap<>();
    logits.keySet().forEach(unit -> weights.put(unit, new float[posts]));
    for (int i = 0; i < posts; i++) {
      int post = i;
      Map<String, Double> entropies = new LinkedHashMap<>();
      logits.forEach(
          (unit, rows) -> {
            if (!presence.containsKey(unit) || presence.get(unit)[post] != 0) {
              entropies.put(unit, entropy(rows[post]));
            }
          });
      OptionalDouble largest = entropies.values().stream().mapToDouble(Double::doubleValue).max();
      double sum =
          entropies.values().stream()
              .mapToDouble(entropy -> Math.exp(largest.orElse(0) - entropy))
              .sum();
      entropies.forEach(
          (unit, entropy) ->
              weights.get(unit)[post] = (float) (Math.exp(largest.orElse(0) - entropy) / sum));
    }
    return weights;
  }

  /** {@code −Σ p log p} of the softmax. */
  static double entropy(double[] logits) {
    double largest = Double.NEGATIVE_INFINITY;
    for (double logit : logits) {
      largest = Math.max(largest, logit);
    }
    double sum = 0;
    double weighed = 0;
    for (double logit : logits) {
      double e = Math.exp(logit - largest);
      sum += e;
      weighed += e * (logit - largest);
    }
    return Math.log(sum) - weighed / sum;
  }

  /** A system's branches with a dense layer each and one head for all. */
  private static final class Turns extends AdaptedSystem {
    static final String HEAD = "balancer.mla.head";
    static final String HEAD_WEIGHT = HEAD + ".weight";

    private final Units units;
    private final boolean byEntropy;
    private final Map<String, Linear> dense = new LinkedHashMap<>();
    private final Linear head;

    Turns(DetectionSystem inner, SystemContext context, Units units, Settings settings) {
      super(inner, context, units.outside(inner));
      this.units = units;
      byEntropy = settings.get(VERDICT).equals("entropy");
      int width = settings.get(WIDTH);
      units
          .widths(inner)
          .forEach((unit, wide) -> dense.put(unit, Linear.of(own(), dense(unit), wide, width)));
      head = Linear.of(own(), HEAD, width, inner.classes());
    }

    static String dense(String unit) {
      return "balancer.mla.dense." + unit;
    }

    NDArray features(Output output, String unit) {
      return dense.get(unit).forward(units.representations(output).get(unit));
    }

    NDArray logits(NDArray features) {
      return head.forward(features);
    }

    @Override
    public Output forward(Input input, boolean training) {
      Output output = inner().forward(input, training);
      Map<String, NDArray> logits = new LinkedHashMap<>();
      units
          .names()
          .forEach(
              unit ->
                  logits.put(unit, units.present(output, unit, logits(features(output, unit)))));
      return units.saying(output, verdict(output, logits), logits);
    }

    private NDArray verdict(Output output, Map<String, NDArray> logits) {
      Map<String, double[][]> rows = new LinkedHashMap<>();
      Map<String, float[]> presence = new LinkedHashMap<>();
      logits.forEach(
          (unit, array) -> {
            rows.put(unit, rows(array));
            units.presence(output, unit).ifPresent(there -> presence.put(unit, there));
          });
      Map<String, float[]> weights = byEntropy ? weights(rows, presence) : alike(logits);
      return logits.entrySet().stream()
          .map(
              entry -> {
                NDArray array = entry.getValue();
                return array.mul(
                    array
                        .getManager()
                        .create(weights.get(entry.getKey()))
                        .reshape(array.getShape().get(0), 1));
              })
          .reduce(NDArray::add)
          .orElseThrow();
    }

    private static Map<String, float[]> alike(Map<String, NDArray> logits) {
      Map<String, float[]> weights = new LinkedHashMap<>();
      logits.forEach(
          (unit, array) -> {
            float[] even = new float[(int) array.getShape().get(0)];
            Arrays.fill(even, 1f / logits.size());
            weights.put(unit, even);
          });
      return weights;
    }

    private static double[][] rows(NDArray array) {
      float[] values = array.toFloatArray();
      int posts = (int) array.getShape().get(0);
      double[][] rows = new double[posts][values.length / posts];
      for (int i = 0; i < values.length; i++) {
        rows[i / rows[0].length][i % rows[0].length] = values[i];
      }
      return rows;
    }

    @Override
    public Losses losses(Output output, Targets targets) {
      NDArray loss = CrossEntropy.of(output.logits(), targets.labels());
      return new Losses(loss, Map.of("classification", loss));
    }
  }
}
