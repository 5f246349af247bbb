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
 * Times the way from posts to features, decoding included: demo posts with a caption and a picture
 * each, other ones in each repeat, because encoders remember what they have encoded. The parts are
 * the captions and the pictures.
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
   * @param repeats how many times {@value #POSTS} posts are encoded
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
      Path file = DemoPosts.write(folder, SEED, POSTS * (WARM_UP + repeats), threads);
      DataSpec spec = DataSpec.parse("jsonl:" + file, DataOptions.DEFAULT);
      return measure(Dataset.load(spec, Progress.NONE).posts());
    } finally {
      delete(folder);
    }
  }

  private Measurement measure(List<Post> posts) {
    Samples whole = new Samples();
    Samples texts = new Samples();
    Samples images = new Samples();
    try (FeatureExtractor extractor = Encoders.open(encoders, form, threads)) {
      for (int i = 0; i < WARM_UP + repeats; i++) {
        List<Post> some = posts.subList(i * POSTS, (i + 1) * POSTS);
        List<Post> captions =
            some.stream()
                .map(p -> p.toBuilder().text(p.text() + " " + p.id()).images(List.of()).build())
                .toList();
        List<Post> pictures = some.stream().map(p -> p.toBuilder().text("").build()).toList();
        if (i == WARM_UP) {
          whole.clear();
          texts.clear();
          images.clear();
        }
        whole.time(
            () -> {
              texts.time(() -> extractor.extract(captions));
              return images.time(() -> extractor.extract(pictures));
            });
      }
    }
    Map<String, Samples> parts = new LinkedHashMap<>();
    parts.put("text", texts);
    parts.put("image", images);
    return Measurement.of("encode " + encoders, threads, repeats, whole, POSTS, parts);
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
