package org.equipoise.training.balance;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.engine.Engines;
import org.equipoise.systems.layers.Scaling;

/**
 * Uni-modal teacher (Du et al., 2021): a network is first trained on each modality alone, by the
 * same trainer with the same seed and posts; then each modality's representation in the joint
 * network is drawn to its teacher's, {@code L = L_system + λ Σ_m mean((r_m − teacher_m)²)}.
 */
public final class Umt implements Balancer {
  /** The name that users type. */
  public static final String NAME = "umt";

  public static final Setting<Double> LAMBDA =
      Setting.number(
          "umt.lambda",
          10,
          0,
          1e6,
          "Weight of the distance to the teachers (BalanceBenchmark: 10; the follow-up paper: 50)");

  static final List<Setting<?>> SETTINGS = List.of(LAMBDA);

  private final Settings settings;
  private final Map<String, DetectionSystem> teachers = new LinkedHashMap<>();
  private final Map<String, Double> lastDistances = new LinkedHashMap<>();
  private Units units;
  private double seconds;

  public Umt(Settings settings) {
    this.settings = settings;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public DetectionSystem adapt(DetectionSystem system, SystemContext context) {
    units = Units.several(NAME, system, settings);
    return system;
  }

  @Override
  public void begin(TrainingRun run) throws IOException {
    long start = System.nanoTime();
    Map<String, Integer> widths = units.widths(run.system());
    for (String unit : units.names()) {
      DetectionSystem teacher = run.alone(unit, units.views(unit));
      teachers.put(unit, teacher);
      int width = units.only(unit).widths(teacher).get(unit);
      if (width != widths.get(unit)) {
        throw new WrongUseException(
            "balancer %s: alone, %s of %s is %d wide, and %d with the others; they cannot be compared"
                .formatted(NAME, unit, run.system().name(), width, widths.get(unit)));
      }
    }
    seconds = (System.nanoTime() - start) / 1e9;
  }

  @Override
  public DetectionSystem.Losses weigh(
      Step step, DetectionSystem.Output output, DetectionSystem.Losses losses) {
    Map<String, NDArray> students = units.representations(output);
    Map<String, NDArray> distances = new LinkedHashMap<>();
    students.forEach(
        (unit, student) -> distances.put(unit, distance(student, teacher(step, unit))));
    Map<String, NDArray> parts = new LinkedHashMap<>(losses.parts());
    distances.forEach(
        (unit, distance) -> {
          parts.put("teacher_" + unit, distance);
          lastDistances.put(unit, (double) distance.getFloat());
        });
    return new DetectionSystem.Losses(
        losses.total().add(weighed(distances, settings.get(LAMBDA))), parts);
  }

  /** {@code λ Σ_m distance_m}. */
  static NDArray weighed(Map<String, NDArray> distances, double lambda) {
    return Scaling.times(distances.values().stream().reduce(NDArray::add).orElseThrow(), lambda);
  }

  /** {@code mean((student − teacher)²)} over posts and features. */
  static NDArray distance(NDArray student, NDArray teacher) {
    NDArray difference = student.sub(teacher);
    return difference.mul(difference).mean();
  }

  /** {@code [B, d]}: what the teacher makes of the batch. */
  private NDArray teacher(Step step, String unit) {
    DetectionSystem teacher = teachers.get(unit);
    DetectionSystem.Input part =
        new DetectionSystem.Input(
                step.input().views().stream()
                    .filter(view -> units.views(unit).contains(view.view()))
                    .toList())
            .keeping(step.input().keep());
    return Engines.withoutGradients(
        () -> units.only(unit).representations(teacher.forward(part, false)).get(unit));
  }

  @Override
  public Balance judge(Step step, DetectionSystem.Output output) {
    return Balance.watching(ViewFigures.of(output, step.labels()))
        .noting("distance", lastDistances)
        .noting("seconds", Map.of("teachers", step.epoch() == 1 ? seconds : 0));
  }

  @Override
  public void close() {
    teachers.values().forEach(DetectionSystem::close);
  }
}
