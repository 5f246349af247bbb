package org.equipoise.lab.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.equipoise.core.Post;
import org.equipoise.core.Progress;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.io.AtomicFiles;
import org.equipoise.core.io.Json;
import org.equipoise.data.DataSpec;
import org.equipoise.data.Dataset;
import org.equipoise.data.ImageFacts;
import org.equipoise.data.Incomplete;
import org.equipoise.data.LookUp;
import org.equipoise.data.Splits;
import org.equipoise.encoders.Encoders;
import org.equipoise.encoders.FeatureStore;
import org.equipoise.lab.evaluation.Evaluation;
import org.equipoise.lab.floors.Floors;
import org.equipoise.lab.report.Report;
import org.equipoise.training.Checkpoint;
import org.equipoise.training.Detector;
import org.equipoise.training.Scored;
import org.equipoise.training.Trainer;

/** Measures a run's model and its floors on labelled posts that it was not trained on. */
public final class EvaluateJob {
  private static final int BATCH_SIZE = 256;

  private final RunFolder folder;
  private final Provenance provenance;
  private final int threads;
  private final Progress progress;

  /**
   * Prepares.
   *
   * @param folder a run
   * @param threads how many may be used
   * @throws WrongUseException if the run's provenance cannot be read
   */
  public EvaluateJob(RunFolder folder, int threads, Progress progress) {
    this.folder = folder;
    this.threads = threads;
    this.progress = progress;
    provenance = Provenance.read(folder.provenance());
  }

  /**
   * Evaluates on the run's own test posts and writes {@code evaluation.json}, {@code
   * predictions.jsonl} and {@code report.html}.
   *
   * @throws WrongUseException if the posts are no longer there, or are others by now
   * @throws IOException if the disk fails
   */
  public Evaluation onTestPosts() throws IOException {
    Dataset data = trainingData();
    if (!data.fingerprint().equals(provenance.dataFingerprint())) {
      throw new WrongUseException(
          "%s has changed since the run %s was trained on it: its fingerprint is %s, not %s"
              .formatted(
                  provenance.data().data(),
                  folder.path(),
                  data.fingerprint(),
                  provenance.dataFingerprint()));
    }
    Path stored = Path.of(provenance.featuresFolder());
    FeatureStore store = FeatureStore.exists(stored) ? FeatureStore.open(stored) : encode(data);
    return onTestPosts(data, store);
  }

  /** A run whose files come from several runs would give figures that belong to none. */
  private void requireOneRun() {
    Splits splits = Splits.read(folder.splits());
    if (!splits.data().equals(provenance.dataFingerprint())) {
      throw new WrongUseException(
          folder.splits()
              + " belongs to another run: it divides other posts than those trained on");
    }
    for (String name : List.of(Trainer.BEST, Trainer.LAST)) {
      Path file = folder.path().resolve(name);
      if (!Files.exists(file)) {
        throw new WrongUseException(
            "%s is not a finished run: it has no %s; 'train --out' makes one"
                .formatted(folder.path(), name));
      }
      Checkpoint.Run trained = Checkpoint.read(file).run();
      if (!trained.system().equals(provenance.system())
          || !trained.classes().equals(provenance.classes())
          || !trained.features().equals(provenance.features())) {
        throw new WrongUseException(
            file
                + " belongs to another run: system, classes or features are not those of "
                + folder.provenance());
      }
    }
  }

  Evaluation onTestPosts(Dataset data, FeatureStore store) throws IOException {
    requireOneRun();
    provenance
        .features()
        .mismatch(store.spec())
        .ifPresent(
            difference -> {
              throw new WrongUseException(
                  "the features in %s are not those that the run was trained on: %s"
                      .formatted(store.folder(), difference));
            });
    Set<String> ids = new HashSet<>(split().test());
    Part test = part(data, ids, store);
    List<Scored> scored = new ArrayList<>();
    Evaluation evaluation =
        evaluate(data, ids, test, data, provenance.split().protocol(), scored::addAll);
    writePredictions(test, scored);
    AtomicFiles.write(folder.evaluation(), Json.pretty(evaluation.toJson()));
    Map<String, Post> posts =
        test.posts().stream().collect(Collectors.toMap(Post::id, Function.identity()));
    new Report(
            id -> Optional.ofNullable(posts.get(id)),
            Optional.of(provenance.notice()).filter(notice -> !notice.isEmpty()))
        .write(folder.path());
    return evaluation;
  }

  /**
   * Evaluates on other posts, all that take part under {@code --incomplete}; writes nothing into
   * the run.
   *
   * @throws WrongUseException if they have no labels, or labels that the run does not know
   */
  public Evaluation on(DataSpec spec) {
    requireOneRun();
    Dataset data = Dataset.load(spec, progress).participating();
    Set<String> unknown = new TreeSet<>(data.labels());
    unknown.removeAll(provenance.classes());
    if (!unknown.isEmpty()) {
      throw new WrongUseException(
          "%s has labels that the run does not know: %s; its classes are %s"
              .formatted(data.name(), unknown, provenance.classes()));
    }
    if (data.labels().isEmpty()) {
      throw new WrongUseException(
          data.name() + " has no labels to compare with; 'predict' scores unlabelled posts");
    }
    FeatureStore store = encode(data);
    Set<String> ids = data.posts().stream().map(Post::id).collect(Collectors.toSet());
    return evaluate(data, ids, part(data, ids, store), trainingData(), "other posts", scored -> {});
  }

  private Evaluation evaluate(
      Dataset data,
      Set<String> asked,
      Part test,
      Dataset trainedOn,
      String protocol,
      Consumer<List<Scored>> scoredByBest) {
    if (test.posts().isEmpty()) {
      throw new WrongUseException("there are no posts to evaluate on in " + data.name());
    }
    List<Scored> best = score(test, Trainer.BEST);
    scoredByBest.accept(best);
    Evaluation.Builder builder =
        Evaluation.builder(data.name(), protocol, provenance.classes())
            // posts that no encoder finds anything in, or that have no label, are not scored either
            .skipped(data.skipped().size() + asked.size() - test.posts().size())
            .posts(
                test.labelled().labels(),
                test.posts().stream().map(Post::event).toList(),
                test.posts().stream()
                    .map(post -> data.image(post).map(ImageFacts::content))
                    .toList())
            .probabilities(probabilities(best))
            .last(probabilities(score(test, Trainer.LAST)))
            .seed(provenance.seed());
    Floors.read(folder.path()).predict(test.labelled().features()).forEach(builder::floor);
    return builder.floor(Floors.LOOK_UP, lookUp(data, test.posts(), trainedOn)).build();
  }

  private List<Scored> score(Part test, String checkpoint) {
    try (Detector detector = Detector.load(folder.path(), checkpoint, threads)) {
      return detector.scorer().score(test.labelled().features(), BATCH_SIZE);
    }
  }

  private static double[][] probabilities(List<Scored> scored) {
    return scored.stream().map(Scored::probabilities).toArray(double[][]::new);
  }

  private int[] lookUp(Dataset data, List<Post> test, Dataset trainedOn) {
    Set<String> ids = new HashSet<>(split().train());
    List<Post> known = trainedOn.posts().stream().filter(post -> ids.contains(post.id())).toList();
    if (known.isEmpty()) {
      throw new WrongUseException(
          trainedOn.name() + " no longer holds the posts that the run was trained on");
    }
    LookUp lookUp =
        LookUp.fit(
            known,
            known.stream().map(post -> post.label().orElseThrow()).toList(),
            post -> trainedOn.image(post).or(() -> data.image(post)),
            threads);
    return lookUp.predict(test).stream().mapToInt(provenance.classes()::indexOf).toArray();
  }

  private void writePredictions(Part test, List<Scored> scored) throws IOException {
    try (Detector detector = Detector.load(folder.path(), Trainer.BEST, threads)) {
      AtomicFiles.write(
          folder.predictions(),
          out -> {
            for (int i = 0; i < scored.size(); i++) {
              Post post = test.posts().get(i);
              ObjectNode line = Json.MAPPER.createObjectNode();
              line.put("id", post.id());
              line.put("label", post.label().orElseThrow());
              post.event().ifPresent(event -> line.put("event", event));
              VerdictJson.add(line, detector.verdict(post.id(), scored.get(i)));
              out.write((Json.line(line) + "\n").getBytes(StandardCharsets.UTF_8));
            }
          });
    }
  }

  private Splits.Fold split() {
    return Splits.read(folder.splits()).fold(0);
  }

  private Dataset trainingData() {
    return Dataset.load(provenance.data().spec(threads), progress)
        .participating(Incomplete.of(provenance.split().incomplete()));
  }

  private FeatureStore encode(Dataset data) {
    return CachedStores.get(
        data,
        (count, each) -> Encoders.reopen(provenance.features(), count, each),
        threads,
        progress);
  }

  private Part part(Dataset data, Set<String> ids, FeatureStore store) {
    return Part.of(data.posts(), ids, store, provenance.features().views(), provenance.classes());
  }
}
