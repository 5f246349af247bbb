package org.equipoise.lab.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.equipoise.core.Form;
import org.equipoise.core.Post;
import org.equipoise.core.Progress;
import org.equipoise.core.features.ExtractedPost;
import org.equipoise.core.features.FeatureSpec;
import org.equipoise.core.safetensors.DType;
import org.equipoise.data.DataOptions;
import org.equipoise.data.DataSpec;
import org.equipoise.data.Dataset;
import org.equipoise.data.DemoPosts;
import org.equipoise.encoders.EncodeJob;
import org.equipoise.encoders.EncoderOptions;
import org.equipoise.encoders.EncoderPlan;
import org.equipoise.encoders.EncoderSet;
import org.equipoise.encoders.ExtractorOpening;
import org.equipoise.encoders.StageTimes;
import org.equipoise.encoders.StagedExtractor;

/**
 * Times the whole way from posts to a feature store, stage by stage; opening the encoders does not
 * count. Posts are those that are named, encoded anew in each repeat, or {@value #POSTS} demo posts
 * with a caption and a picture each, other ones in each repeat.
 */
public final class EncodeBench {
  private static final int POSTS = 40;
  private static final long SEED = 1;

  private final String name;
  private final EncoderPlan plan;
  private final int repeats;
  private final Optional<DataSpec> data;

  /**
   * Prepares.
   *
   * @param encoders a preset's name or a YAML file
   * @param repeats how many times posts are encoded
   * @param data the posts; empty for demo posts
   */
  public EncodeBench(
      String encoders, Form form, EncoderOptions options, int repeats, Optional<DataSpec> data) {
    name = "encode " + encoders;
    plan = new EncoderPlan(EncoderSet.load(encoders), form, options);
    this.repeats = repeats;
    this.data = data;
  }

  /**
   * Measures.
   *
   * @throws IOException if nothing can be written into the folder for temporary files
   */
  public EncodeMeasurement run(Progress progress) throws IOException {
    Path folder = Files.createTempDirectory("equipoise-bench");
    try {
      return data.isPresent()
          ? ofPosts(Dataset.load(data.get(), progress).participating().posts(), folder, progress)
          : ofDemoPosts(folder);
    } finally {
      Folders.delete(folder);
    }
  }

  private EncodeMeasurement ofPosts(List<Post> posts, Path folder, Progress progress)
      throws IOException {
    encode(plan, posts.subList(0, Math.min(POSTS, posts.size())), folder, Progress.NONE);
    Sums sums = new Sums(posts.size());
    for (int i = 0; i < repeats; i++) {
      sums.add(encode(plan, posts, folder, progress));
    }
    return sums.measurement();
  }

  private EncodeMeasurement ofDemoPosts(Path folder) throws IOException {
    int threads = plan.options().threads();
    Path file = DemoPosts.write(folder.resolve("demo"), SEED, POSTS * (1 + repeats), threads);
    DataSpec spec = DataSpec.parse("jsonl:" + file, DataOptions.DEFAULT);
    List<Post> posts =
        Dataset.load(spec, Progress.NONE).posts().stream()
            .map(post -> post.toBuilder().text(post.text() + " " + post.id()).build())
            .toList();
    Sums sums = new Sums(POSTS);
    try (StagedExtractor extractor = plan.open(threads, Map.of())) {
      ExtractorOpening kept = (count, each) -> new KeptOpen(extractor);
      encode(kept, posts.subList(0, POSTS), folder, Progress.NONE);
      for (int i = 1; i <= repeats; i++) {
        List<Post> others = posts.subList(i * POSTS, (i + 1) * POSTS);
        sums.add(encode(kept, others, folder, Progress.NONE));
      }
    }
    return sums.measurement();
  }

  private EncodeJob.Result encode(
      ExtractorOpening encoders, List<Post> posts, Path folder, Progress progress)
      throws IOException {
    Path store = folder.resolve("features");
    EncodeJob.Options options = new EncodeJob.Options(DType.F32, plan.options().threads());
    try {
      return new EncodeJob(encoders, options).run(posts, posts.size(), name, store, progress);
    } finally {
      Folders.delete(store);
    }
  }

  /** An extractor that several jobs use one after the other. */
  private record KeptOpen(StagedExtractor extractor) implements StagedExtractor {
    @Override
    public FeatureSpec spec() {
      return extractor.spec();
    }

    @Override
    public List<ExtractedPost> extract(List<Post> posts) {
      return extractor.extract(posts);
    }

    @Override
    public Pending start(List<Post> posts, Progress.Task task) {
      return extractor.start(posts, task);
    }

    @Override
    public int window() {
      return extractor.window();
    }

    @Override
    public Map<String, Integer> threadsEach() {
      return extractor.threadsEach();
    }

    @Override
    public StageTimes.Summary times() {
      return extractor.times();
    }

    @Override
    public void close() {}
  }

  /** What the repeats took. */
  private final class Sums {
    private final int posts;
    private final Samples whole = new Samples();
    private final EncodeMeasurement.Parts parts = new EncodeMeasurement.Parts();
    private StageTimes.Summary times = StageTimes.Summary.NONE;
    private long nanoseconds;
    private Optional<EncodeJob.Result> last = Optional.empty();

    private Sums(int posts) {
      this.posts = posts;
    }

    private void add(EncodeJob.Result result) {
      whole.add(result.nanoseconds());
      parts.add(result);
      times = times.plus(result.times());
      nanoseconds += result.nanoseconds();
      last = Optional.of(result);
    }

    private EncodeMeasurement measurement() {
      Measurement measured =
          Measurement.of(name, plan.options().threads(), repeats, whole, posts, parts.byModality());
      return EncodeMeasurement.of(measured, last.orElseThrow().manifest(), times, nanoseconds);
    }
  }
}
