package org.equipoise.training;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.equipoise.core.Progress;
import org.equipoise.core.metrics.Metrics;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.engine.Engines;
import org.equipoise.training.balance.Balance;
import org.equipoise.training.balance.Balancer;
import org.equipoise.training.optimizer.Adam;

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

  private final DetectionSystem system;
  private final Balancer balancer;
  private final TrainingSettings settings;
  private final Checkpoint.Run run;
  private final Path folder;
  private final Progress progress;
  private final Map<String, String> viewOfParameter = new HashMap<>();

  /**
   * Prepares a run.
   *
   * @param system freshly built for this run; the caller closes it
   * @param run what goes into its checkpoints
   * @param folder the run's folder; checkpoints that are there are gone on from
   */
  public Trainer(
      DetectionSystem system,
      Balancer balancer,
      TrainingSettings settings,
      Checkpoint.Run run,
      Path folder,
      Progress progress) {
    this.system = system;
    this.balancer = balancer;
    this.settings = settings;
    this.run = run;
    this.folder = folder;
    this.progress = progress;
    system
        .branches()
        .forEach((view, names) -> names.forEach(name -> viewOfParameter.put(name, view)));
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
        Adam adam =
            new Adam(
                system.parameters(),
                settings.learningRate(),
                settings.weightDecay(),
                run.threads())) {
      Checkpoint.State state = resume(adam);
      MetricsLog log = MetricsLog.open(folder.resolve(METRICS), state.epoch());
      while (!state.finished()) {
        EpochRecord record = new EpochRecord(state.epoch() + 1);
        trainEpoch(training, state.epoch() + 1, manager, adam, record);
        if (!Double.isFinite(record.meanLoss())) {
          throw new DivergedException(state.epoch() + 1, settings);
        }
        Metrics metrics = validate(validation, manager);
        state = state.after(adam.steps(), metrics.macroF1(), settings);
        log.append(record.json(metrics));
        save(adam, state);
      }
      return state;
    }
  }

  private void trainEpoch(
      LabelledPosts training, int epoch, NDManager manager, Adam adam, EpochRecord record) {
    Engines.seed(Seeds.of(settings.seed(), "dropout", epoch));
    int[] order = Seeds.shuffled(training.size(), Seeds.of(settings.seed(), "order", epoch));
    ModalityDropout hiding =
        new ModalityDropout(
            settings.modalityDropout(), Seeds.of(settings.seed(), "modality dropout", epoch));
    try (Batches batches = new Batches(training, order, settings.batchSize(), hiding);
        Progress.Task task = progress.start("epoch " + epoch, training.size())) {
      while (batches.hasNext()) {
        Batches.Batch batch = batches.next();
        try (NDManager scope = manager.newSubManager();
            GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
          DetectionSystem.Output output = system.forward(Inputs.of(scope, batch.features()), true);
          NDArray labels = scope.create(batch.labels());
          DetectionSystem.Losses losses = system.losses(output, labels);
          gradients.backward(losses.total());
          Balance balance = balancer.observe(output, batch.labels());
          adam.step(parameter -> factor(balance, parameter));
          record.add(losses, balance);
        }
        task.step(batch.labels().length);
        task.note("loss %.3f".formatted(record.meanLoss()));
      }
    }
  }

  /** Eq. 5: a view's factor scales the steps of its branch; what no view owns is left alone. */
  private double factor(Balance balance, String parameter) {
    return balance.factors().getOrDefault(viewOfParameter.getOrDefault(parameter, ""), 1.0);
  }

  private Metrics validate(LabelledPosts validation, NDManager manager) {
    List<Scored> scored =
        new Scorer(system, manager).score(validation.features(), settings.batchSize());
    return Metrics.of(
        run.classes(),
        validation.labels(),
        scored.stream().map(Scored::probabilities).toArray(double[][]::new));
  }

  private Checkpoint.State resume(Adam adam) {
    Path last = folder.resolve(LAST);
    if (!Files.exists(last)) {
      return Checkpoint.State.START;
    }
    Checkpoint checkpoint = Checkpoint.read(last);
    checkpoint.restore(system);
    checkpoint.restore(system, adam);
    return checkpoint.state();
  }

  /** The best is in place before the last names it: a crash between the two repeats one epoch. */
  private void save(Adam adam, Checkpoint.State state) throws IOException {
    Path last = folder.resolve(LAST);
    if (!state.best()) {
      Checkpoint.write(last, system, adam, run, state);
      return;
    }
    Path best = folder.resolve(BEST);
    Checkpoint.write(best, system, adam, run, state);
    Path copy = folder.resolve(LAST + ".partial");
    Files.copy(best, copy, StandardCopyOption.REPLACE_EXISTING);
    Files.move(copy, last, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
