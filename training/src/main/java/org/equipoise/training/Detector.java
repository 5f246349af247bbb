package org.equipoise.training;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.equipoise.core.Post;
import org.equipoise.core.SkippedPost;
import org.equipoise.core.SourceLine;
import org.equipoise.core.Verdict;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Settings;
import org.equipoise.core.features.ExtractedPost;
import org.equipoise.core.features.FeatureBatch;
import org.equipoise.core.features.FeatureExtractor;
import org.equipoise.core.features.FeatureExtractorProvider;
import org.equipoise.core.features.Features;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.engine.Engines;
import org.equipoise.training.balance.Balancer;

/**
 * A trained system that judges posts: what a checkpoint becomes. Not safe for several threads;
 * closing it frees the network and the encoders.
 *
 * <pre>{@code
 * try (Detector detector = Detector.load(Path.of("run"))) {
 *   Verdict verdict = detector.score(Post.builder("1").text("Shark in the subway!").build());
 * }
 * }</pre>
 */
public final class Detector implements AutoCloseable {
  private final Checkpoint.Run run;
  private final Settings settings;
  private final DetectionSystem system;
  private final NDManager manager;
  private final Scorer scorer;
  private final int threads;
  private FeatureExtractor extractor;

  /**
   * A post's verdict, or the reason why it has none; exactly one of the two is there.
   *
   * @param verdict the verdict, empty where the post could not be scored
   * @param skipped the reason, empty where it could
   */
  public record Answer(Optional<Verdict> verdict, Optional<SkippedPost> skipped) {}

  private Detector(Checkpoint checkpoint, int threads) {
    run = checkpoint.run();
    settings = run.settings();
    this.threads = threads;
    Engines.start(threads);
    manager = NDManager.newBaseManager();
    system = build(run, manager.getDevice());
    checkpoint.restore(system);
    scorer = new Scorer(system, manager);
  }

  private static DetectionSystem build(Checkpoint.Run run, Device device) {
    try (Balancer balancer = run.balancer()) {
      return run.build(balancer, device);
    }
  }

  /**
   * Loads a run's best epoch, with as many threads as there are free cores.
   *
   * @param folder a run folder
   * @throws WrongUseException if it is not one, or is damaged
   */
  public static Detector load(Path folder) {
    return load(folder, Trainer.BEST, Runtime.getRuntime().availableProcessors());
  }

  /**
   * Loads one of a run's checkpoints.
   *
   * @param checkpoint {@link Trainer#BEST} or {@link Trainer#LAST}
   * @param threads how many threads network and encoders may use
   * @throws WrongUseException if the folder is no run, or is damaged
   */
  public static Detector load(Path folder, String checkpoint, int threads) {
    if (!Files.isDirectory(folder)) {
      throw new WrongUseException(folder + " is not a run folder: no such folder");
    }
    Path file = folder.resolve(checkpoint);
    if (!Files.exists(file)) {
      throw new WrongUseException(
          folder + " is not a finished run: it has no " + checkpoint + "; 'train --out' makes one");
    }
    return new Detector(Checkpoint.read(file), threads);
  }

  /** What was trained, and on which features. */
  public Checkpoint.Run run() {
    return run;
  }

  /** The network itself. */
  public DetectionSystem system() {
    return system;
  }

  /** Scores features that were stored or made elsewhere. */
  public Scorer scorer() {
    return scorer;
  }

  /**
   * Scores one post.
   *
   * @throws WrongUseException if it has neither a text nor an image that can be used; the message
   *     says why
   */
  public Verdict score(Post post) {
    Answer answer = score(List.of(post)).get(0);
    return answer
        .verdict()
        .orElseThrow(
            () ->
                new WrongUseException(
                    "post '" + post.id() + "': " + answer.skipped().orElseThrow().message()));
  }

  /** Scores posts; one answer for each, in order. A post that cannot be used has a reason. */
  public List<Answer> score(List<Post> posts) {
    List<ExtractedPost> extracted = extractor().extract(posts);
    List<ExtractedPost> usable =
        extracted.stream().filter(post -> post.skipped().isEmpty() && readable(post)).toList();
    List<Scored> scored = usable.isEmpty() ? List.of() : scorer.score(batch(usable));
    List<Answer> answers = new ArrayList<>(posts.size());
    int next = 0;
    for (int i = 0; i < posts.size(); i++) {
      ExtractedPost post = extracted.get(i);
      if (next < usable.size() && usable.get(next) == post) {
        answers.add(
            new Answer(Optional.of(verdict(post.id(), scored.get(next++))), Optional.empty()));
      } else {
        answers.add(new Answer(Optional.empty(), Optional.of(reason(posts.get(i), post))));
      }
    }
    return answers;
  }

  private boolean readable(ExtractedPost post) {
    return system.views().stream().anyMatch(view -> post.views().containsKey(view.name()));
  }

  private SkippedPost reason(Post post, ExtractedPost extracted) {
    return extracted
        .skipped()
        .orElseGet(
            () ->
                new SkippedPost(
                    post.id(),
                    post.source().orElse(new SourceLine("", 0)),
                    "no_view",
                    "it has none of the views that the run reads: "
                        + system.views().stream().map(View::name).toList()));
  }

  /** Turns features into a verdict, with the run's class names and review thresholds. */
  public Verdict verdict(String id, Scored scored) {
    Map<String, Double> probabilities = named(scored.probabilities());
    Map<String, Verdict.ViewVerdict> views = new LinkedHashMap<>();
    scored
        .views()
        .forEach(
            (view, score) ->
                views.put(
                    view, new Verdict.ViewVerdict(named(score.probabilities()), score.weight())));
    double watched = probabilities.getOrDefault(settings.get(Configuration.REVIEW_CLASS), 1.0);
    boolean review =
        watched > settings.get(Configuration.REVIEW_ABOVE)
            && watched < settings.get(Configuration.REVIEW_BELOW);
    return new Verdict(
        id,
        review ? Verdict.REVIEW : run.classes().get(scored.predicted()),
        probabilities,
        views,
        scored.clauses());
  }

  private Map<String, Double> named(double[] probabilities) {
    Map<String, Double> named = new LinkedHashMap<>();
    for (int c = 0; c < probabilities.length; c++) {
      named.put(run.classes().get(c), probabilities[c]);
    }
    return named;
  }

  /** Encoders are opened at the first raw post: stored features need none. */
  private FeatureExtractor extractor() {
    if (extractor == null) {
      extractor = FeatureExtractorProvider.openAny(run.features(), threads);
    }
    return extractor;
  }

  private FeatureBatch batch(List<ExtractedPost> posts) {
    return new FeatureBatch(
        posts.size(), system.views().stream().map(view -> batch(posts, view)).toList());
  }

  private static FeatureBatch.ViewBatch batch(List<ExtractedPost> posts, View view) {
    int tokens =
        posts.stream()
            .map(post -> post.views().get(view.name()))
            .mapToInt(features -> features == null ? 1 : features.tokens())
            .max()
            .orElse(1);
    float[] values = new float[posts.size() * tokens * view.width()];
    float[] mask = new float[posts.size() * tokens];
    IntStream.range(0, posts.size())
        .forEach(
            i -> {
              Features features = posts.get(i).views().get(view.name());
              if (features != null) {
                int start = i * tokens;
                System.arraycopy(
                    features.values(), 0, values, start * view.width(), features.values().length);
                Arrays.fill(mask, start, start + features.tokens(), 1);
              }
            });
    return new FeatureBatch.ViewBatch(view, tokens, values, mask);
  }

  @Override
  public void close() {
    if (extractor != null) {
      extractor.close();
    }
    system.close();
    manager.close();
  }
}
