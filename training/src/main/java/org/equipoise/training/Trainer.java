package org.equipoise.training;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.equipoise.core.Progress;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.metrics.ClassMetrics;
import org.equipoise.core.metrics.Metrics;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.engine.Engines;
import org.equipoise.training.balance.Balance;
import org.equipoise.training.balance.Balancer;
import org.equipoise.training.balance.Learnt;
import org.equipoise.training.balance.Step;
import org.equipoise.training.balance.TrainingRun;
import org.equipoise.training.balance.ViewFigures;
import org.equipoise.training.optimizer.Optimizer;

/**
 * Algorithm 1: trains a system under a balancer and keeps the epoch that does best on validation
 * posts. It is handed training and validation posts and nothing else. Everything random hangs on
 * the run's seed and the epoch's number alone, so that a resumed run ends with the same bytes as an
 * uninterrupted one.
 */
public final class Trainer {
  /** The best epoch's parameters. */
  public static final String BEST = "checkpoint.safetensors";

  /** The last epoch's parameters. */
  public static final String LAST = "checkpoint.last.safetensors";

  /** One line for each epoch. */
  public static final String METRICS = "metrics.jsonl";

  /** Holds the networks of single views that some balancers train first. */
  public static final String ALONE = "alone";

  private final DetectionSystem system;
  private final Balancer balancer;
  private final TrainingSettings settings;
  private final Checkpoint.Run run;
  private final Path folder;
  private final Progress progress;

  /**
   * Prepares a run.
   *
   * @param system freshly built for this run, by {@link Checkpoint.Run#build}; the caller closes it
   * @param balancer the one that the system was built with; the caller closes it
   * @param run what goes into its checkpoints
   * @param folder the run's folder; checkpoints that are there are gone on from
   * @throws WrongUseException if settings, system and balancer do not fit each other
   */
  public Trainer(
      DetectionSystem system,
      Balancer balancer,
      TrainingSettings settings,
      Checkpoint.Run run,
      Path folder,
      Progress progress) {
    if (settings.accumulate() > 1 && balancer.changesGradients()) {
      throw new WrongUseException(
          "balancer %s changes the gradient of every batch: %s must be 1, not %d"
              .formatted(
                  balancer.name(), TrainingSettings.ACCUMULATE.key(), settings.accumulate()));
    }
    if (settings.batchSize() == 1 && !system.buffers().isEmpty()) {
      throw new WrongUseException(
          "%s normalises over the posts of a batch: %s must be at least 2"
              .formatted(system.name(), TrainingSettings.BATCH_SIZE.key()));
    }
    this.system = system;
    this.balancer = balancer;
    this.settings = settings;
    this.run = run;
    this.folder = folder;
    this.progress = progress;
  }

  /**
   * Trains to the end, from the last finished epoch if there is one.
   *
   * @return how training ended
   * @throws IOException if the disk fails; finished epochs are kept
   * @throws DivergedException if the loss is no longer a number; finished epochs are kept
   */
  public Checkpoint.State train(LabelledPosts training, LabelledPosts validation)
      throws IOException {
    try (NDManager manager = NDManager.newBaseManager();
        Optimizer optimizer = settings.optimizer(system.parameters(), run.threads())) {
      balancer.begin(new Asked(training, validation, manager));
      Checkpoint.State state = resume(optimizer);
      MetricsLog log = MetricsLog.open(folder.resolve(METRICS), state.epoch());
      while (!state.finished()) {
        int epoch = state.epoch() + 1;
        EpochRecord record = new EpochRecord(epoch);
        List<Visit> visits = balancer.beforeEpoch(epoch, Visit.all(training.size()));
        trainEpoch(training, visits, state, manager, optimizer, record);
        balancer.afterEpoch(epoch);
        if (!Double.isFinite(record.meanLoss())) {
          throw new DivergedException(epoch, settings);
        }
        Metrics metrics = validate(validation, manager);
        state = state.after(optimizer.steps(), metrics.macroF1(), settings);
        log.append(record.json(metrics));
        save(optimizer, state);
      }
      return state;
    }
  }

  private void trainEpoch(
      LabelledPosts training,
      List<Visit> visits,
      Checkpoint.State state,
      NDManager manager,
      Optimizer optimizer,
      EpochRecord record) {
    int epoch = state.epoch() + 1;
    try (Progress.Task task = progress.start("epoch " + epoch, visits.size())) {
      steps(
          training,
          visits,
          "",
          epoch,
          manager,
          (balance, done) -> {
            double rate = settings.rateFactor(state.epoch() + done, state.plateaus());
            Map<String, Double> rates = system.rates();
            optimizer.step(
                name -> rate * rates.getOrDefault(name, 1.0) * balance.step(name),
                clipping(optimizer));
          },
          step -> {
            Learnt learnt = balancer.learn(step);
            record.add(learnt);
            if ((step.batch() + 1) % settings.accumulate() == 0 || step.last()) {
              step.take(learnt.balance());
            }
            task.step(step.labels().length);
            task.note("loss %.3f".formatted(record.meanLoss()));
          });
    }
  }

  /** How a step of an optimiser is taken. */
  private interface Stepping {
    /**
     * Takes one.
     *
     * @param balance how far each parameter goes
     * @param done the share of the epoch that is done with it
     */
    void take(Balance balance, double done);
  }

  /**
   * Hands the visited posts on, batch by batch, in an order that seed, purpose and index decide.
   */
  @SuppressWarnings("try") // the collector is there for what it switches on
  private void steps(
      LabelledPosts posts,
      List<Visit> visits,
      String purpose,
      int index,
      NDManager manager,
      Stepping stepping,
      Consumer<Step> each) {
    Engines.seed(seed(purpose + "dropout", index));
    List<Visit> order = shuffled(visits, seed(purpose + "order", index));
    ModalityDropout hiding =
        new ModalityDropout(settings.modalityDropout(), seed(purpose + "modality dropout", index));
    SplittableRandom random = new SplittableRandom(seed(purpose + "balancer", index));
    try (Batches batches = new Batches(posts, order, settings.batchSize(), hiding)) {
      int count = batches.left();
      while (batches.hasNext()) {
        int number = count - batches.left();
        Batches.Batch batch = batches.next();
        try (NDManager scope = manager.newSubManager();
            GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
          DetectionSystem.Input input = Inputs.of(scope, batch);
          DetectionSystem.Targets targets =
              new DetectionSystem.Targets(scope.create(batch.labels()), input.events(), index);
          each.accept(
              new Step(
                  system,
                  scope,
                  input,
                  targets,
                  batch.labels(),
                  number,
                  count,
                  random,
                  balance -> stepping.take(balance, (number + 1.0) / count),
                  1.0 / settings.accumulate()));
        }
      }
    }
  }

  /** A last batch of one post has no variance to normalise by, and is left out. */
  private List<Visit> shuffled(List<Visit> visits, long seed) {
    int[] places = Seeds.shuffled(visits.size(), seed);
    boolean single = visits.size() > 1 && visits.size() % settings.batchSize() == 1;
    int count = single && !system.buffers().isEmpty() ? visits.size() - 1 : visits.size();
    return Arrays.stream(places).limit(count).mapToObj(visits::get).toList();
  }

  private double clipping(Optimizer optimizer) {
    if (settings.clipNorm() == 0) {
      return 1;
    }
    double norm = optimizer.gradientNorm();
    return norm > settings.clipNorm() ? settings.clipNorm() / norm : 1;
  }

  private long seed(String purpose, long index) {
    return Seeds.of(settings.seed(), purpose, index);
  }

  private Metrics validate(LabelledPosts validation, NDManager manager) {
    system.resetScaling();
    List<Scored> scored =
        new Scorer(system, manager).score(validation.features(), settings.batchSize());
    Metrics metrics =
        Metrics.of(
            run.classes(),
            validation.labels(),
            scored.stream().map(Scored::probabilities).toArray(double[][]::new));
    Collection<ClassMetrics> classes = metrics.classes().values();
    system.rescale(
        classes.stream().mapToDouble(ClassMetrics::recall).toArray(),
        classes.stream().mapToInt(ClassMetrics::support).toArray());
    return metrics;
  }

  private Checkpoint.State resume(Optimizer optimizer) {
    Path last = folder.resolve(LAST);
    if (!Files.exists(last)) {
      return Checkpoint.State.START;
    }
    Checkpoint checkpoint = Checkpoint.read(last);
    checkpoint.restore(system);
    checkpoint.restore(optimizer);
    checkpoint.restore(balancer);
    return checkpoint.state();
  }

  /** The best is in place before the last names it: a crash between the two repeats one epoch. */
  private void save(Optimizer optimizer, Checkpoint.State state) throws IOException {
    Path last = folder.resolve(LAST);
    if (!state.best()) {
      Checkpoint.write(last, system, optimizer, balancer, run, state);
      return;
    }
    Path best = folder.resolve(BEST);
    Checkpoint.write(best, system, optimizer, balancer, run, state);
    Path copy = folder.resolve(LAST + ".partial");
    Files.copy(best, copy, StandardCopyOption.REPLACE_EXISTING);
    Files.move(copy, last, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  /** What a balancer asks for. */
  private final class Asked implements TrainingRun {
    private final LabelledPosts training;
    private final LabelledPosts validation;
    private final NDManager manager;

    Asked(LabelledPosts training, LabelledPosts validation, NDManager manager) {
      this.training = training;
      this.validation = validation;
      this.manager = manager;
    }

    @Override
    public DetectionSystem system() {
      return system;
    }

    @Override
    public LabelledPosts training() {
      return training;
    }

    @Override
    public LabelledPosts validation() {
      return validation;
    }

    @Override
    public long seed(String purpose, long index) {
      return Trainer.this.seed(balancer.name() + " " + purpose, index);
    }

    @Override
    public int[] shuffled(int count, String purpose) {
      return Seeds.shuffled(count, seed(purpose, 0));
    }

    @Override
    public void score(
        LabelledPosts posts, List<Visit> visits, BiConsumer<DetectionSystem.Output, long[]> each) {
      try (Batches batches =
          new Batches(posts, visits, settings.batchSize(), UnaryOperator.identity())) {
        while (batches.hasNext()) {
          Batches.Batch batch = batches.next();
          try (NDManager scope = manager.newSubManager()) {
            each.accept(
                Engines.withoutGradients(() -> system.forward(Inputs.of(scope, batch), false)),
                batch.labels());
          }
        }
      }
    }

    @Override
    public double pass(
        List<Visit> visits,
        String purpose,
        int index,
        Function<Step, DetectionSystem.Losses> loss) {
      double[] sum = new double[1];
      int[] count = new int[1];
      try (Optimizer optimizer = settings.optimizer(system.parameters(), run.threads());
          Progress.Task task = progress.start(purpose, visits.size())) {
        steps(
            training,
            visits,
            purpose,
            index,
            manager,
            (balance, done) ->
                optimizer.step(name -> system.rates().getOrDefault(name, 1.0), clipping(optimizer)),
            step -> {
              DetectionSystem.Losses losses = loss.apply(step);
              Engines.backward(losses.total(), false);
              step.take(Balance.watching(new ViewFigures(Map.of(), Map.of())));
              sum[0] += losses.total().getFloat();
              count[0]++;
              task.step(step.labels().length);
            });
      }
      return sum[0] / count[0];
    }

    @Override
    public DetectionSystem alone(String name, List<View> views) throws IOException {
      Path own = Files.createDirectories(folder.resolve(ALONE).resolve(name));
      Checkpoint.Run single = run.only(views);
      try (Balancer none = single.balancer()) {
        DetectionSystem network = single.build(none, Device.cpu());
        try {
          new Trainer(network, none, settings, single, own, progress)
              .train(training.only(views), validation.only(views));
          Checkpoint.read(own.resolve(BEST)).restore(network);
          return network;
        } catch (RuntimeException | IOException e) {
          network.close();
          throw e;
        }
      }
    }
  }
}
