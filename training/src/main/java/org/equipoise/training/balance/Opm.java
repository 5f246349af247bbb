package org.equipoise.training.balance;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.engine.Engines;

/**
 * On-the-fly prediction modulation (Wei et al., TPAMI 2024): a modality that tells the classes
 * better than the others is taken out of posts at random while training, so that the verdict learns
 * to do without it. How well each does is found by a pass without dropout first.
 */
public final class Opm implements Balancer {
  /** The name that users type. */
  public static final String NAME = "opm";

  public static final Setting<Double> BASE =
      Setting.number(
          "opm.base",
          0.5,
          0,
          1,
          "How often a modality that only just dominates is dropped (published code)");

  public static final Setting<Double> LAMBDA =
      Setting.number(
          "opm.lambda",
          0.5,
          0,
          1000,
          "How much more often a stronger one is (published command line; 0.4 in its file)");

  public static final Setting<Double> EXECUTE =
      Setting.number(
          "opm.execute", 0.7, 0, 1, "How often a step drops anything at all (published code)");

  static final List<Setting<?>> SETTINGS = List.of(BASE, LAMBDA, EXECUTE);

  private final Settings settings;
  private Units units;
  private Map<String, Integer> widths;

  public Opm(Settings settings) {
    this.settings = settings;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public DetectionSystem adapt(DetectionSystem system, SystemContext context) {
    units = Units.several(NAME, system, settings);
    widths = units.widths(system);
    return system;
  }

  @Override
  public Learnt learn(Step step) {
    DetectionSystem.Output before =
        Engines.withoutGradients(() -> step.system().forward(step.input(), false));
    Map<String, Double> rates =
        rates(
            Scores.ratios(Scores.of(units, before, step.labels())),
            settings.get(BASE),
            settings.get(LAMBDA));
    boolean drops = step.random().nextDouble() < settings.get(EXECUTE);
    Learnt learnt = Balancer.super.learn(drops ? dropped(step, before, rates) : step);
    return new Learnt(learnt.losses(), learnt.balance().noting("drop_rate", rates));
  }

  /** {@code clip(base (1 + λ tanh(ρ − 1)), 0, 1)} where ρ is above 1, else 0; by unit. */
  static Map<String, Double> rates(Map<String, Double> ratios, double base, double lambda) {
    Map<String, Double> rates = new LinkedHashMap<>();
    ratios.forEach(
        (unit, ratio) ->
            rates.put(
                unit,
                ratio > 1
                    ? Math.min(1, Math.max(0, base * (1 + lambda * Math.tanh(ratio - 1))))
                    : 0));
    return rates;
  }

  /** What kept features are divided by: {@code 1 − Σ d q / Σ d}. */
  static double keptShare(Map<String, Double> rates, Map<String, Integer> widths) {
    double all = widths.values().stream().mapToInt(Integer::intValue).sum();
    double lost =
        rates.entrySet().stream().mapToDouble(r -> r.getValue() * widths.get(r.getKey())).sum();
    return 1 - lost / all;
  }

  /** The batch with units taken out, without the posts that lost all they had. */
  private Step dropped(Step step, DetectionSystem.Output before, Map<String, Double> rates) {
    int posts = step.labels().length;
    float scale = (float) (1 / keptShare(rates, widths));
    Map<String, float[]> kept = new LinkedHashMap<>();
    boolean[] any = new boolean[posts];
    rates.forEach(
        (unit, rate) -> {
          float[] factors = keep(rate, posts, scale, step.random());
          Optional<float[]> there = units.presence(before, unit);
          for (int i = 0; i < posts; i++) {
            any[i] |= factors[i] != 0 && (there.isEmpty() || there.get()[i] != 0);
          }
          kept.put(unit, factors);
        });
    Step thinned = step.on(units.keeping(step.input(), kept));
    int[] rows = IntStream.range(0, posts).filter(i -> any[i]).toArray();
    // a batch of one has nothing to normalise by; losing all of it would leave nothing to learn
    return rows.length == posts || rows.length < 2 ? thinned : thinned.select(rows);
  }

  private static float[] keep(double rate, int posts, float scale, SplittableRandom random) {
    float[] factors = new float[posts];
    for (int i = 0; i < posts; i++) {
      factors[i] = random.nextDouble() < rate ? 0 : scale;
    }
    return factors;
  }
}
