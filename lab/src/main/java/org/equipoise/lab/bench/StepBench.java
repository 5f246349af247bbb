package org.equipoise.lab.bench;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Settings;
import org.equipoise.core.features.FeatureBatch;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.SystemFactory;
import org.equipoise.systems.engine.Engines;
import org.equipoise.training.Configuration;
import org.equipoise.training.Inputs;
import org.equipoise.training.TrainingSettings;
import org.equipoise.training.balance.Balancer;
import org.equipoise.training.balance.Balancers;
import org.equipoise.training.balance.Mib;
import org.equipoise.training.balance.Step;
import org.equipoise.training.balance.Unbalanced;
import org.equipoise.training.optimizer.Optimizer;

/**
 * Times training steps of a system at the paper's widths: a step as the trainer takes it; its
 * forward pass with the losses; its backward pass; the optimiser with the balancer; and, as the
 * machine's limit, the three matrix products that each weight matrix needs for each batch (forward,
 * gradient by its input, gradient by itself), alone.
 */
public final class StepBench {
  private static final int WARM_UP = 5;
  private static final long SEED = 1;

  /** Balancers that need nothing but a batch. */
  private static final List<String> MEASURED = List.of(Unbalanced.NAME, Mib.NAME);

  private final SystemFactory factory;
  private final Settings settings;
  private final int threads;
  private final int repeats;
  private final int tokens;

  private final Samples whole = new Samples();
  private final Samples forward = new Samples();
  private final Samples backward = new Samples();
  private final Samples optimiser = new Samples();
  private final Samples matmul = new Samples();

  /**
   * Prepares.
   *
   * @param settings batch size, learning rate, balancer and the system's own keys
   * @param tokens tokens per view; 1 for pooled features
   * @param repeats how many steps are timed, after a few to warm up
   */
  public StepBench(SystemFactory factory, Settings settings, int tokens, int threads, int repeats) {
    this.factory = factory;
    this.settings = settings;
    this.tokens = tokens;
    this.threads = threads;
    this.repeats = repeats;
  }

  /** Measures; takes as long as its steps. */
  public Measurement run() {
    Device device = Engines.start(threads);
    Engines.seed(SEED);
    TrainingSettings training = TrainingSettings.of(settings);
    String balancerName =
        factory.balanced() ? settings.get(Configuration.BALANCER) : Unbalanced.NAME;
    if (!MEASURED.contains(balancerName)) {
      throw new WrongUseException(
          "bench step measures a step with %s alone, not with %s: other balancers ask for a run's posts"
              .formatted(String.join(" or ", MEASURED), balancerName));
    }
    SystemContext context =
        new SystemContext(PaperSize.VIEWS, PaperSize.CLASSES, settings, SEED, device);
    try (NDManager manager = NDManager.newBaseManager(device);
        DetectionSystem system = factory.create(context);
        Balancer balancer = Balancers.create(balancerName, settings);
        Optimizer optimizer = training.optimizer(system.parameters(), threads)) {
      FeatureBatch batch = PaperSize.batch(training.batchSize(), tokens, SEED);
      long[] labels = PaperSize.labels(training.batchSize(), SEED);
      for (int i = -WARM_UP; i < repeats; i++) {
        if (i == 0) {
          forgetWarmUp();
        }
        whole.time(
            () -> {
              step(manager, system, optimizer, balancer, batch, labels);
              return true;
            });
      }
      limit(manager, system, training.batchSize());
      return measurement(training.batchSize());
    }
  }

  private void forgetWarmUp() {
    whole.clear();
    forward.clear();
    backward.clear();
    optimiser.clear();
  }

  private Measurement measurement(int batchSize) {
    Map<String, Samples> parts = new LinkedHashMap<>();
    parts.put("forward", forward);
    parts.put("backward", backward);
    parts.put("optimiser", optimiser);
    parts.put("matmul", matmul);
    return Measurement.of("step " + factory.name(), threads, repeats, whole, batchSize, parts);
  }

  @SuppressWarnings("try") // the collector is there for what it switches on
  private void step(
      NDManager manager,
      DetectionSystem system,
      Optimizer optimizer,
      Balancer balancer,
      FeatureBatch batch,
      long[] labels) {
    try (NDManager scope = manager.newSubManager();
        GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
      long start = System.nanoTime();
      NDArray classes = scope.create(labels);
      Step step =
          new Step(
              system,
              scope,
              Inputs.of(scope, batch),
              DetectionSystem.Targets.of(classes),
              labels,
              0,
              1,
              new SplittableRandom(SEED),
              balance -> {},
              1);
      DetectionSystem.Output output = step.forward();
      DetectionSystem.Losses losses = step.losses(output);
      losses.total().getFloat();
      long scored = System.nanoTime();
      step.backward(losses.total());
      long differentiated = System.nanoTime();
      optimizer.step(balancer.judge(step, output)::step);
      forward.add(scored - start);
      backward.add(differentiated - scored);
      optimiser.add(System.nanoTime() - differentiated);
    }
  }

  private void limit(NDManager manager, DetectionSystem system, int posts) {
    try (NDManager scope = manager.newSubManager()) {
      Map<Shape, NDList> operands = new LinkedHashMap<>();
      Map<Shape, Integer> times = new LinkedHashMap<>();
      for (NDArray parameter : system.parameters().values()) {
        Shape shape = parameter.getShape();
        if (shape.dimension() >= 2) {
          long in = shape.get(shape.dimension() - 1);
          Shape matrix = new Shape(shape.size() / in, in);
          times.merge(matrix, 1, Integer::sum);
          operands.computeIfAbsent(matrix, m -> operands(scope, m, (long) posts * tokens));
        }
      }
      for (int i = -WARM_UP; i < repeats; i++) {
        if (i == 0) {
          matmul.clear();
        }
        matmul.time(
            () -> {
              Engines.withoutGradients(
                  () -> {
                    times.forEach((shape, n) -> products(operands.get(shape), n));
                    return true;
                  });
              return true;
            });
      }
    }
  }

  /** Rows that enter the matrix, rows that leave it, and the matrix itself. */
  private static NDList operands(NDManager scope, Shape matrix, long rows) {
    return new NDList(
        scope.randomNormal(new Shape(rows, matrix.get(1))),
        scope.randomNormal(new Shape(rows, matrix.get(0))),
        scope.randomNormal(matrix));
  }

  private static void products(NDList operands, int times) {
    NDArray in = operands.get(0);
    NDArray out = operands.get(1);
    NDArray matrix = operands.get(2);
    for (int i = 0; i < times; i++) {
      try (NDArray transposed = matrix.transpose();
          NDArray outTransposed = out.transpose()) {
        in.matMul(transposed).close();
        out.matMul(matrix).close();
        outTransposed.matMul(in).close();
      }
    }
  }
}
