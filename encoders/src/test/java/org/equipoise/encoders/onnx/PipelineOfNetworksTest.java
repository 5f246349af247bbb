package org.equipoise.encoders.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;
import org.equipoise.core.Form;
import org.equipoise.core.Post;
import org.equipoise.core.Progress;
import org.equipoise.core.safetensors.DType;
import org.equipoise.encoders.EncodeJob;
import org.equipoise.encoders.EncoderOptions;
import org.equipoise.encoders.EncoderOptions.Device;
import org.equipoise.encoders.EncoderPlan;
import org.equipoise.encoders.EncoderSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Stores of ONNX networks hold the same bytes however the work is dealt out. */
@Tag("golden")
class PipelineOfNetworksTest {
  private static final int SHARD_POSTS = 60;

  @TempDir Path folder;

  /** Every golden image with texts of several lengths, each length often. */
  private static List<Post> posts() throws IOException {
    List<Path> images;
    try (Stream<Path> files = Files.list(GoldenModels.folder().resolve("inputs/images"))) {
      images = files.sorted().toList();
    }
    List<String> texts = new ArrayList<>(GoldenModels.texts().values());
    for (String word : List.of("snow", "bread", "night", "video", "tower")) {
      for (int length = 1; length < 12; length++) {
        texts.add((word + " ").repeat(length));
      }
    }
    List<Post> posts = new ArrayList<>();
    for (int i = 0; i < Math.max(images.size(), texts.size()); i++) {
      posts.add(
          Post.builder("p" + i)
              .text(texts.get(i % texts.size()))
              .images(List.of(images.get(i % images.size())))
              .build());
    }
    Collections.shuffle(posts, new Random(2));
    return posts;
  }

  private static EncoderSet encoders() throws IOException {
    StringBuilder views = new StringBuilder("views:\n");
    for (Path model : GoldenModels.with("onnx/model.onnx")) {
      views.append(
          "  - {view: %s, encoder: %s}%n"
              .formatted(model.getFileName().toString().replace('-', '_'), model));
    }
    return EncoderSet.parse(views.toString(), "a test");
  }

  private Path store(String name, Form form, EncoderOptions options) throws IOException {
    Path store = folder.resolve(name);
    List<Post> posts = posts();
    new EncodeJob(
            new EncoderPlan(encoders(), form, options),
            new EncodeJob.Options(DType.F32, options.threads(), SHARD_POSTS, 1 << 24))
        .run(posts, posts.size(), "fingerprint", store, Progress.NONE);
    return store;
  }

  private static EncoderOptions options(int threads, int each, OptionalInt batch, long mib) {
    return new EncoderOptions(
        threads, OptionalInt.of(each), batch, OptionalLong.of(mib << 20), Device.CPU);
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void threads_batches_and_memory_do_not_change_a_byte(Form form) throws IOException {
    Path plain = store("plain", form, options(1, 1, OptionalInt.of(1), 1024));
    List<Path> others =
        List.of(
            store("batches", form, options(1, 1, OptionalInt.empty(), 1024)),
            store("side by side", form, options(3, 1, OptionalInt.of(5), 16)),
            store("two threads each", form, options(2, 2, OptionalInt.empty(), 64)));
    try (Stream<Path> files = Files.list(plain)) {
      for (Path file : files.filter(some -> !some.endsWith("manifest.json")).toList()) {
        for (Path other : others) {
          assertThat(other.resolve(file.getFileName())).hasSameBinaryContentAs(file);
        }
      }
    }
  }

  @Test
  void threads_of_each_run_are_measured_for_many_posts_alone() throws IOException {
    EncoderPlan plan = new EncoderPlan(encoders(), Form.POOLED, EncoderOptions.threads(2));
    Map<String, Integer> chosen = plan.chooseThreads(2, 10_000);
    assertThat(chosen).hasSameSizeAs(encoders().views());
    assertThat(chosen.values()).allMatch(each -> each == 1 || each == 2);
    assertThat(plan.chooseThreads(2, 100)).isEmpty();
    assertThat(plan.chooseThreads(1, 10_000)).isEmpty();
  }
}
