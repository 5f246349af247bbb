package org.equipoise.encoders;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.equipoise.core.Form;
import org.equipoise.core.Modality;
import org.equipoise.core.Post;
import org.equipoise.core.SkippedPost;
import org.equipoise.core.SourceLine;
import org.equipoise.core.features.ExtractedPost;
import org.equipoise.core.features.FeatureExtractor;
import org.equipoise.core.features.FeatureSpec;
import org.equipoise.core.features.Features;

/**
 * Runs a set of encoders over posts. Every distinct text and image of a call is prepared and
 * encoded once, on a pool of threads; what was encoded lately is remembered between calls.
 */
final class PostExtractor implements FeatureExtractor {
  /** Shares of the heap that remembered features may take, for each modality. */
  private static final int CACHE_SHARE = 16;

  private final FeatureSpec spec;
  private final List<Encoder> encoders;
  private final List<Encoder> textEncoders;
  private final TextCleaning cleaning;
  private final Workers workers;
  private final FeatureCache<String, Map<String, Encoding>> texts;
  private final Optional<PostImages> images;

  PostExtractor(Form form, List<Encoder> encoders, TextCleaning cleaning, int threads) {
    this.encoders = List.copyOf(encoders);
    this.cleaning = cleaning;
    textEncoders = of(Modality.TEXT);
    spec =
        new FeatureSpec(form, encoders.stream().map(Encoder::info).toList(), cleaning.settings());
    long cachedFloats = Runtime.getRuntime().maxMemory() / CACHE_SHARE / Float.BYTES;
    texts = new FeatureCache<>(cachedFloats);
    workers = new Workers(threads);
    List<Encoder> imageEncoders = of(Modality.IMAGE);
    images =
        imageEncoders.isEmpty()
            ? Optional.empty()
            : Optional.of(new PostImages(imageEncoders, workers, cachedFloats));
  }

  private List<Encoder> of(Modality modality) {
    return encoders.stream()
        .filter(encoder -> encoder.info().view().modality() == modality)
        .toList();
  }

  @Override
  public FeatureSpec spec() {
    return spec;
  }

  @Override
  public List<ExtractedPost> extract(List<Post> posts) {
    List<String> cleaned = posts.stream().map(post -> cleaning.clean(post.text())).toList();
    Set<List<Path>> candidates =
        posts.stream()
            .map(Post::images)
            .filter(files -> !files.isEmpty())
            .collect(Collectors.toCollection(LinkedHashSet::new));
    // images first in the queue: texts, which are short work, then fill whatever core is free
    Optional<PostImages.Started> startedImages = images.map(some -> some.start(candidates));
    Map<String, Map<String, Encoding>> ofTexts = encodeTexts(cleaned);
    Map<List<Path>, PostImages.Outcome> ofImages =
        startedImages.map(PostImages.Started::await).orElse(Map.of());
    List<ExtractedPost> extracted = new ArrayList<>(posts.size());
    for (int i = 0; i < posts.size(); i++) {
      extracted.add(
          assemble(
              posts.get(i),
              ofTexts.getOrDefault(cleaned.get(i), Map.of()),
              Optional.ofNullable(ofImages.get(posts.get(i).images()))));
    }
    return extracted;
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

  private Map<String, Map<String, Encoding>> encodeTexts(Collection<String> cleaned) {
    Map<String, Map<String, Encoding>> known = new HashMap<>();
    Set<String> wanted = new LinkedHashSet<>();
    for (String text : cleaned) {
      if (!text.isBlank()) {
        texts.get(text).ifPresentOrElse(found -> known.put(text, found), () -> wanted.add(text));
      }
    }
    // Like lengths side by side, longest first so that no thread is left with a long one at the end
    List<String> sorted =
        wanted.stream().sorted(Comparator.comparingInt(String::length).reversed()).toList();
    List<Content> contents = sorted.stream().<Content>map(Content.Text::new).toList();
    List<Map<String, Encoding>> encoded = encode(contents, textEncoders);
    for (int i = 0; i < sorted.size(); i++) {
      known.put(sorted.get(i), encoded.get(i));
      texts.put(sorted.get(i), encoded.get(i), size(encoded.get(i)) + sorted.get(i).length());
    }
    return known;
  }

  private static long size(Map<String, Encoding> encodings) {
    return encodings.values().stream().mapToLong(e -> e.features().values().length).sum();
  }

  /** Every content by every encoder: for each content its encodings by view. */
  private List<Map<String, Encoding>> encode(List<Content> contents, List<Encoder> by) {
    List<Workers.Pending<List<Encoding>>> pending = new ArrayList<>();
    for (Encoder encoder : by) {
      for (int from = 0; from < contents.size(); from += encoder.batchSize(1)) {
        List<Content> batch =
            contents.subList(from, Math.min(contents.size(), from + encoder.batchSize(1)));
        pending.add(workers.submit(() -> encoder.encode(batch)));
      }
    }
    List<Map<String, Encoding>> encodings = new ArrayList<>();
    contents.forEach(content -> encodings.add(new HashMap<>()));
    int next = 0;
    for (Encoder encoder : by) {
      for (int from = 0; from < contents.size(); ) {
        for (Encoding encoding : pending.get(next++).await()) {
          encodings.get(from++).put(encoder.info().view().name(), encoding);
        }
      }
    }
    return encodings;
  }

  @Override
  public void close() {
    workers.close();
    encoders.forEach(Encoder::close);
  }
}
