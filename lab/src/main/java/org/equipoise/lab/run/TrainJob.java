package org.equipoise.lab.run;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.equipoise.core.Form;
import org.equipoise.core.Progress;
import org.equipoise.core.SkippedPost;
import org.equipoise.core.SourceLine;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Settings;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.core.features.FeatureSpec;
import org.equipoise.core.io.AtomicFiles;
import org.equipoise.core.io.Json;
import org.equipoise.core.io.WorkLock;
import org.equipoise.data.Dataset;
import org.equipoise.data.Splits;
import org.equipoise.encoders.EncoderModels;
import org.equipoise.encoders.EncoderPlan;
import org.equipoise.encoders.EncoderSet;
import org.equipoise.encoders.FeatureStore;
import org.equipoise.lab.floors.Floors;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemFactory;
import org.equipoise.systems.Systems;
import org.equipoise.systems.engine.Engines;
import org.equipoise.training.Checkpoint;
import org.equipoise.training.Configuration;
import org.equipoise.training.LabelledPosts;
import org.equipoise.training.PseudoEvents;
import org.equipoise.training.Trainer;
import org.equipoise.training.TrainingSettings;
import org.equipoise.training.balance.Balancer;
import org.equipoise.training.balance.Balancers;
import org.equipoise.training.balance.Unbalanced;

/** Posts to a trained run: read, encode, split, fit the floors, train, evaluate once, report. */
public final class TrainJob {
  private final TrainRequest request;
  private final Progress progress;

  /**
   * How a job ended.
   *
   * @param folder the run
   * @param alreadyFinished whether there was nothing to do
   * @param warnings what the user should know of how system and features fit, in sentences
   */
  public record Outcome(RunFolder folder, boolean alreadyFinished, List<String> warnings) {}

  public TrainJob(TrainRequest request, Progress progress) {
    this.request = request;
    this.progress = progress;
  }

  /**
   * Runs to the end, from wherever an earlier call stopped.
   *
   * @throws WrongUseException if something asked for does not exist or does not fit
   * @throws IOException if the disk fails; finished epochs are kept
   */
  public Outcome run() throws IOException {
    RunFolder folder = RunFolder.create(request.out());
    if (finished(folder)) {
      return new Outcome(folder, true, List.of());
    }
    WorkLock lock = folder.lock();
    try {
      return run(folder);
    } finally {
      lock.close();
    }
  }

  private Outcome run(RunFolder folder) throws IOException {
    int threads =
        goesOn(folder) ? Provenance.read(folder.provenance()).threads() : request.threads();
    SystemFactory factory = Systems.find(request.settings().get(Configuration.SYSTEM));
    Dataset data = Dataset.load(request.data(), progress).participating();
    Dataset labelled = labelled(data);
    Splits splits = request.split().splits(labelled);
    Splits.Fold fold = splits.fold(request.fold());
    Engines.start(threads);
    FeatureStore store = features(labelled, factory, threads);
    // a flipped bit would train and report as if nothing were wrong; hashing is cheap beside
    // training
    store.verify();
    List<String> classes = labelled.labels();
    List<View> views = views(store, classes, factory, threads);
    Part training = Part.of(labelled.posts(), fold.train(), store, views, classes);
    Part validation = Part.of(labelled.posts(), fold.validation(), store, views, classes);
    Provenance provenance =
        provenance(labelled, splits, fold, store, views, classes, factory, threads);
    start(folder, provenance, splits, data, store);
    fitFloors(folder, training, validation, classes, threads);
    List<String> warnings = new ArrayList<>(pooledWarning(factory, store));
    warnings.addAll(train(folder, provenance, factory, training, validation));
    if (request.evaluate()) {
      new EvaluateJob(folder, threads, progress).onTestPosts(labelled, store);
    }
    return new Outcome(folder, false, warnings);
  }

  /** Whether an unfinished run is there that is to be gone on with. */
  private boolean goesOn(RunFolder folder) {
    return folder.started() && !request.overwrite();
  }

  private boolean finished(RunFolder folder) {
    if (!goesOn(folder)) {
      return false;
    }
    if (request.evaluate()) {
      return Files.exists(folder.report());
    }
    return Files.exists(folder.path().resolve(Trainer.LAST))
        && Checkpoint.read(folder.path().resolve(Trainer.LAST)).state().finished();
  }

  /** Posts without a label cannot take part in training. */
  private static Dataset labelled(Dataset data) {
    if (data.posts().stream().allMatch(post -> post.label().isPresent())) {
      return data;
    }
    throw new WrongUseException(
        "%d of %d posts have no label; training needs one for each (--map label=COLUMN names it)"
            .formatted(
                data.posts().stream().filter(post -> post.label().isEmpty()).count(),
                data.posts().size()));
  }

  private FeatureStore features(Dataset data, SystemFactory factory, int threads) {
    String form = request.settings().get(Configuration.FORM);
    Form wanted = form.equals("auto") ? factory.form() : Form.of(form);
    if (request.features().isEmpty()) {
      EncoderSet encoders = EncoderSet.load(request.settings().get(Configuration.ENCODERS));
      EncoderModels.fetch(encoders, progress);
      return CachedStores.get(
          data, new EncoderPlan(encoders, wanted, request.encoding()), threads, progress);
    }
    FeatureStore store = FeatureStore.open(request.features().get());
    long there = data.posts().stream().filter(post -> store.row(post.id()).isPresent()).count();
    if (there == 0) {
      throw new WrongUseException(
          "--features %s holds none of the %d posts of %s"
              .formatted(request.features().get(), data.posts().size(), data.name()));
    }
    return store;
  }

  /** Features that were asked for by {@code features.form} are as they were wanted. */
  private List<String> pooledWarning(SystemFactory factory, FeatureStore store) {
    return request.features().isPresent()
            && factory.form() == Form.TOKENS
            && store.spec().form() == Form.POOLED
        ? List.of(
            "%s is made for tokens; the features in %s have one row a post"
                .formatted(factory.name(), request.features().get()))
        : List.of();
  }

  private Provenance provenance(
      Dataset data,
      Splits splits,
      Splits.Fold fold,
      FeatureStore store,
      List<View> views,
      List<String> classes,
      SystemFactory factory,
      int threads) {
    Map<String, Integer> posts = new LinkedHashMap<>();
    posts.put("participating", data.posts().size());
    posts.put("skipped", data.skipped().size());
    return new Provenance(
        Provenance.FORMAT_VERSION,
        Provenance.now(),
        DataDescription.of(request.data(), data.incomplete()),
        data.name(),
        data.fingerprint(),
        posts,
        new Provenance.SplitDescription(
            splits.protocol().id(),
            splits.seed(),
            request.fold(),
            splits.folds().size(),
            splits.incomplete().id(),
            fold.train().size(),
            fold.validation().size(),
            fold.test().size()),
        store.folder().toAbsolutePath().toString(),
        restricted(store.spec(), views),
        factory.name(),
        balancer(factory),
        classes,
        request.settings().get(TrainingSettings.SEED),
        threads,
        Provenance.versionsHere(),
        Provenance.machineHere(),
        notice(factory));
  }

  /**
   * The views that the network reads. Building it once says at the start whether data, features,
   * system and balancer fit each other.
   */
  private List<View> views(
      FeatureStore store, List<String> classes, SystemFactory factory, int threads) {
    Settings settings = request.settings().with(Configuration.BALANCER, balancer(factory));
    Checkpoint.Run first =
        new Checkpoint.Run(
            factory.name(),
            classes,
            restricted(store.spec(), Configuration.views(settings, store.views())),
            settings.toYaml(),
            threads);
    try (Balancer balancer = first.balancer();
        DetectionSystem system = first.build(balancer, Device.cpu())) {
      return system.views();
    }
  }

  /** What the request says, and what the balancer changes about what is measured. */
  private String notice(SystemFactory factory) {
    Settings settings = request.settings().with(Configuration.BALANCER, balancer(factory));
    try (Balancer balancer = Balancers.create(balancer(factory), settings)) {
      return Stream.of(request.notice(), balancer.notice())
          .flatMap(Optional::stream)
          .collect(Collectors.joining(" "));
    }
  }

  /** The record of how the views that the run reads were made, in the run's order. */
  private static FeatureSpec restricted(FeatureSpec spec, List<View> views) {
    Map<View, EncoderInfo> encoders =
        spec.encoders().stream().collect(Collectors.toMap(EncoderInfo::view, Function.identity()));
    return new FeatureSpec(
        spec.form(), views.stream().map(encoders::get).toList(), spec.cleaning());
  }

  /** A system that is defined by having no balancer trains without, whatever is asked for. */
  private String balancer(SystemFactory factory) {
    return factory.balanced() ? request.settings().get(Configuration.BALANCER) : Unbalanced.NAME;
  }

  private void start(
      RunFolder folder, Provenance provenance, Splits splits, Dataset data, FeatureStore store)
      throws IOException {
    Settings settings = request.settings().with(Configuration.BALANCER, provenance.balancer());
    if (goesOn(folder)) {
      Optional<String> difference =
          Provenance.read(folder.provenance())
              .difference(provenance)
              .or(() -> configDifference(folder, settings));
      if (difference.isPresent()) {
        throw new WrongUseException(
            "--out %s holds an unfinished run of another kind: %s; name another folder, or start anew with --overwrite"
                .formatted(folder.path(), difference.get()));
      }
      return;
    }
    folder.clear();
    try {
      begin(folder, provenance, settings, splits, data, store);
    } catch (IOException e) {
      folder.clear();
      throw e;
    }
  }

  private void begin(
      RunFolder folder,
      Provenance provenance,
      Settings settings,
      Splits splits,
      Dataset data,
      FeatureStore store)
      throws IOException {
    AtomicFiles.write(folder.config(), settings.toYaml());
    new Splits(
            splits.data(),
            splits.protocol(),
            splits.seed(),
            splits.incomplete(),
            List.of(splits.fold(request.fold())))
        .write(folder.splits());
    List<SkippedPost> skipped = new ArrayList<>(data.skipped());
    data.posts().stream()
        .filter(post -> store.row(post.id()).isEmpty())
        .forEach(
            post ->
                skipped.add(
                    new SkippedPost(
                        post.id(),
                        post.source().orElse(new SourceLine("", 0)),
                        "no_features",
                        "the feature store does not hold it")));
    StringBuilder lines = new StringBuilder();
    skipped.forEach(post -> lines.append(Json.line(post)).append('\n'));
    AtomicFiles.write(folder.skipped(), lines.toString());
    provenance.write(folder.provenance());
  }

  private static Optional<String> configDifference(RunFolder folder, Settings settings) {
    Settings stored =
        Configuration.schema().file(Configuration.schema().defaults(), folder.config());
    return stored.values().entrySet().stream()
        .filter(entry -> !entry.getValue().equals(settings.values().get(entry.getKey())))
        .map(
            entry ->
                "its %s is %s, not %s"
                    .formatted(
                        entry.getKey(), entry.getValue(), settings.values().get(entry.getKey())))
        .findFirst();
  }

  private void fitFloors(
      RunFolder folder, Part training, Part validation, List<String> classes, int threads)
      throws IOException {
    if (Files.exists(folder.path().resolve(Floors.FILE))) {
      return;
    }
    Floors.fit(
            classes,
            training.labelled().features(),
            training.labelled().labels(),
            validation.labelled().features(),
            validation.labelled().labels(),
            threads,
            progress)
        .write(folder.path());
  }

  /** Says what the system warns of. */
  private List<String> train(
      RunFolder folder,
      Provenance provenance,
      SystemFactory factory,
      Part training,
      Part validation)
      throws IOException {
    Settings settings = request.settings().with(Configuration.BALANCER, provenance.balancer());
    LabelledPosts posts = training.labelled();
    if (factory.needsEvents() && posts.eventCount() == 0) {
      posts =
          PseudoEvents.of(posts, settings.get(TrainingSettings.PSEUDO_EVENTS), provenance.seed());
    }
    Checkpoint.Run run =
        new Checkpoint.Run(
            provenance.system(),
            provenance.classes(),
            posts.eventCount(),
            provenance.features(),
            settings.toYaml(),
            provenance.threads());
    try (Balancer balancer = run.balancer();
        DetectionSystem system = run.build(balancer, Device.cpu())) {
      new Trainer(system, balancer, TrainingSettings.of(settings), run, folder.path(), progress)
          // views that the system passes over need not enter the engine
          .train(posts.only(system.views()), validation.labelled().only(system.views()));
      return system.warnings();
    }
  }
}
