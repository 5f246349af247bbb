package org.equipoise.encoders;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.equipoise.core.Form;
import org.equipoise.core.Modality;
import org.equipoise.core.Post;
import org.equipoise.core.Progress;
import org.equipoise.core.SkippedPost;
import org.equipoise.core.SourceLine;
import org.equipoise.core.features.ExtractedPost;
import org.equipoise.core.features.FeatureSpec;
import org.equipoise.core.features.Features;

/**
 * Runs a set of encoders over posts. Every distinct text and image is prepared and encoded once, on
 * a fixed number of threads; what was encoded lately is remembered between calls.
 */
final class PostExtractor implements StagedExtractor {
  private final FeatureSpec spec;
  private final List<Encoder> encoders;
  private final TextCleaning cleaning;
  private final Workers workers;
  private final StageTimes times = new StageTimes();
  private final Optional<PostTexts> texts;
  private final Optional<PostImages> images;
  private final int window;
  private long windows;

  PostExtractor(Form form, List<Encoder> encoders, TextCleaning cleaning, EncoderOptions options) {
    this.encoders = List.copyOf(encoders);
    this.cleaning = cleaning;
    spec =
        new FeatureSpec(form, encoders.stream().map(Encoder::info).toList(), cleaning.settings());
    MemoryShares memory = MemoryShares.of(options);
    window = memory.windowPosts(spec);
    workers = new Workers(options.threads());
    List<EncoderRuns> ofTexts = runs(Modality.TEXT, options);
    texts =
        ofTexts.isEmpty()
            ? Optional.empty()
            : Optional.of(new PostTexts(ofTexts, workers, memory.texts()));
    List<EncoderRuns> ofImages = runs(Modality.IMAGE, options);
    images =
        ofImages.isEmpty()
            ? Optional.empty()
            : Optional.of(new PostImages(ofImages, workers, times, memory));
  }

  private List<EncoderRuns> runs(Modality modality, EncoderOptions options) {
    return encoders.stream()
        .filter(encoder -> encoder.info().view().modality() == modality)
        .map(encoder -> new EncoderRuns(encoder, workers, times, options.batchSize()))
        .toList();
  }

  @Override
  public FeatureSpec spec() {
    return spec;
  }

  @Override
  public int window() {
    return window;
  }

  @Override
  public Map<String, Integer> threadsEach() {
    return encoders.stream()
        .collect(
            Collectors.toMap(
                encoder -> encoder.info().view().name(),
                Encoder::threads,
                (one, other) -> one,
                LinkedHashMap::new));
  }

  @Override
  public StageTimes.Summary times() {
    return times.summary();
  }

  @Override
  public List<ExtractedPost> extract(List<Post> posts) {
    try (Progress.Task nobody = Progress.NONE.start("", posts.size())) {
      return start(posts, nobody).await();
    }
  }

  @Override
  public Pending start(List<Post> posts, Progress.Task task) {
    long number = windows++;
    Set<List<Path>> candidates =
        posts.stream()
            .map(Post::images)
            .filter(files -> !files.isEmpty())
            .collect(Collectors.toCollection(LinkedHashSet::new));
    Map<List<Path>, CompletableFuture<PostImages.Outcome>> ofImages =
        images.map(some -> some.start(candidates, number)).orElse(Map.of());
    List<String> cleaned = posts.stream().map(post -> cleaning.clean(post.text())).toList();
    List<String> written = cleaned.stream().filter(text -> !text.isBlank()).toList();
    Map<String, CompletableFuture<Map<String, Encoding>>> ofTexts =
        texts.map(some -> some.start(written, number)).orElse(Map.of());
    CompletableFuture<Map<String, Encoding>> noText = CompletableFuture.completedFuture(Map.of());
    List<CompletableFuture<ExtractedPost>> pending = new ArrayList<>(posts.size());
    for (int i = 0; i < posts.size(); i++) {
      Post post = posts.get(i);
      CompletableFuture<Map<String, Encoding>> text = ofTexts.getOrDefault(cleaned.get(i), noText);
      CompletableFuture<PostImages.Outcome> image = ofImages.get(post.images());
      CompletableFuture<ExtractedPost> extracted =
          image == null
              ? text.thenApply(encodings -> assemble(post, encodings, Optional.empty()))
              : text.thenCombine(
                  image, (encodings, outcome) -> assemble(post, encodings, Optional.of(outcome)));
      pending.add(
          extracted.thenApply(
              done -> {
                task.step(1);
                return done;
              }));
    }
    return () -> pending.stream().map(Workers::await).toList();
  }

  private ExtractedPost assemble(
      Post post, Map<String, Encoding> ofText, Optional<PostImages.Outcome> ofImage) {
    Map<String, Encoding> encodings = new HashMap<>(ofText);
    ofImage.ifPresent(outcome -> encodings.putAll(outcome.encodings()));
    Map<String, Features> views = new LinkedHashMap<>();
    Set<String> truncated = new TreeSet<>();
    for (Encoder encoder : encoders) {
      String view = encoder.info().view().name();
      Encoding encoding = encodings.get(view);
      if (encoding != null) {
        if (!finite(encoding.features())) {
          return unusable(post, view);
        }
        views.put(view, encoding.features());
        if (encoding.truncated()) {
          truncated.add(view);
        }
      }
    }
    return new ExtractedPost(
        post.id(),
        views,
        truncated,
        views.isEmpty() ? Optional.of(skipped(post, ofImage)) : Optional.empty());
  }

  private static boolean finite(Features features) {
    for (float value : features.values()) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  /** A number that is none would spoil every parameter in its first training step. */
  private static ExtractedPost unusable(Post post, String view) {
    return new ExtractedPost(
        post.id(),
        Map.of(),
        Optional.of(
            new SkippedPost(
                post.id(),
                post.source().orElse(new SourceLine("", 0)),
                "features_not_finite",
                "the encoder of view '" + view + "' made of it what is no number")));
  }

  private static SkippedPost skipped(Post post, Optional<PostImages.Outcome> ofImage) {
    String message =
        ofImage
            .map(image -> "it has no text, and its image cannot be used: " + image.message())
            .orElse("it has neither text nor image that these encoders read");
    return new SkippedPost(
        post.id(),
        post.source().orElse(new SourceLine("", 0)),
        ofImage.map(PostImages.Outcome::reason).orElse("no_text_no_image"),
        message);
  }

  @Override
  public void close() {
    images.ifPresent(PostImages::close);
    workers.close();
    encoders.forEach(Encoder::close);
  }
}
