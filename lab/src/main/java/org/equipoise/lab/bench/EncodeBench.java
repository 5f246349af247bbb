package org.equipoise.lab.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.equipoise.core.Form;
import org.equipoise.core.Post;
import org.equipoise.core.Progress;
import org.equipoise.core.features.FeatureExtractor;
import org.equipoise.data.DataOptions;
import org.equipoise.data.DataSpec;
import org.equipoise.data.Dataset;
import org.equipoise.data.DemoPosts;
import org.equipoise.encoders.Encoders;

/**
 * Times the way from posts to features: demo posts with a caption and a picture each; and, as
 * parts, the same posts without their pictures and without their captions.
 */
public final class EncodeBench {
  private static final int POSTS = 40;
  private static final int WARM_UP = 1;
  private static final long SEED = 1;

  private final String encoders;
  private final Form form;
  private final int threads;
  private final int repeats;

  /**
   * Prepares.
   *
   * @param encoders a preset's name or a YAML file
   * @param repeats how many times the posts are encoded
   */
  public EncodeBench(String encoders, Form form, int threads, int repeats) {
    this.encoders = encoders;
    this.form = form;
    this.threads = threads;
    this.repeats = repeats;
  }

  /**
   * Measures.
   *
   * @throws IOException if the posts cannot be written into the folder for temporary files
   */
  public Measurement run() throws IOException {
    Path folder = Files.createTempDirectory("equipoise-bench");
    try {
      Path file = DemoPosts.write(folder, SEED, POSTS, threads);
      DataSpec spec = DataSpec.parse("jsonl:" + file, DataOptions.DEFAULT);
      return measure(Dataset.load(spec, Progress.NONE).posts());
    } finally {
      delete(folder);
    }
  }

  private Measurement measure(List<Post> posts) {
    Map<String, List<Post>> kinds = new LinkedHashMap<>();
    kinds.put("text", posts.stream().map(p -> p.toBuilder().images(List.of()).build()).toList());
    kinds.put("image", posts.stream().map(p -> p.toBuilder().text("").build()).toList());
    Samples whole = new Samples();
    Map<String, Samples> parts = new LinkedHashMap<>();
    kinds.keySet().forEach(kind -> parts.put(kind, new Samples()));
    try (FeatureExtractor extractor = Encoders.open(encoders, form, threads)) {
      for (int i = -WARM_UP; i < repeats; i++) {
        if (i == 0) {
          whole.clear();
          parts.values().forEach(Samples::clear);
        }
        whole.time(() -> extractor.extract(posts));
        kinds.forEach((kind, some) -> parts.get(kind).time(() -> extractor.extract(some)));
      }
    }
    return Measurement.of("encode " + encoders, threads, repeats, whole, posts.size(), parts);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .sorted(Comparator.reverseOrder())
          .forEach(
              file -> {
                try {
                  Files.delete(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
