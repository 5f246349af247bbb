package org.equipoise.encoders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.equipoise.core.Form;
import org.equipoise.core.Post;
import org.equipoise.core.Progress;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.features.ExtractedPost;
import org.equipoise.core.features.FeatureBatch;
import org.equipoise.core.features.Features;
import org.equipoise.core.safetensors.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeatureStoreTest {
  private static final int POSTS = 100;

  @TempDir Path folder;

  private FeatureStore written(Form form, DType type, int shardPosts, long shardBytes) {
    Path store = folder.resolve("store");
    EncodeJob job =
        new EncodeJob(
            (threads, each) -> SmallWorld.extractor(form),
            new EncodeJob.Options(type, 1, shardPosts, shardBytes));
    job.run(SmallWorld.posts(POSTS), POSTS, "fingerprint", store, Progress.NONE);
    return FeatureStore.open(store);
  }

  @ParameterizedTest
  @CsvSource({
    "POOLED, F32, 7, 1000000",
    "TOKENS, F32, 7, 1000000",
    "TOKENS, F16, 1000, 500",
    "POOLED, F16, 1000, 1000000",
    "TOKENS, F32, 1, 1"
  })
  void a_batch_holds_what_was_put_in_wherever_its_posts_lie(
      Form form, DType type, int shardPosts, long shardBytes) {
    FeatureStore store = written(form, type, shardPosts, shardBytes);
    Random random = new Random(1);
    for (int round = 0; round < 50; round++) {
      int[] rows = random.ints(1 + random.nextInt(9), 0, store.size()).toArray();
      FeatureBatch batch = store.batch(rows);
      for (FeatureBatch.ViewBatch view : batch.views()) {
        for (int i = 0; i < rows.length; i++) {
          ExtractedPost post = SmallWorld.post(store.id(rows[i]), form);
          Features expected = post.views().get(view.view().name());
          int tokens = expected == null ? 0 : expected.tokens();
          assertThat(store.has(rows[i], view.view())).isEqualTo(expected != null);
          for (int t = 0; t < view.tokens(); t++) {
            assertThat(view.mask()[i * view.tokens() + t]).isEqualTo(t < tokens ? 1f : 0f);
            for (int d = 0; d < view.view().width(); d++) {
              assertThat(view.values()[(i * view.tokens() + t) * view.view().width() + d])
                  .isEqualTo(t < tokens ? expected.values()[t * view.view().width() + d] : 0f);
            }
          }
        }
      }
    }
  }

  @Test
  void tokens_are_cut_to_the_longest_of_the_batch() {
    FeatureStore store = written(Form.TOKENS, DType.F32, 50, 1_000_000);
    for (int row = 0; row < store.size(); row++) {
      FeatureBatch.ViewBatch text = store.batch(new int[] {row}).views().get(1);
      Features expected = SmallWorld.post(store.id(row), Form.TOKENS).views().get("text_pattern");
      assertThat(text.tokens()).isEqualTo(expected.tokens());
      assertThat(text.complete()).isTrue();
    }
  }

  @Test
  void the_manifest_tells_ids_shards_presence_and_skipped_posts() throws IOException {
    FeatureStore store = written(Form.POOLED, DType.F32, 40, 1_000_000);
    StoreManifest manifest = store.manifest();
    List<String> usable =
        IntStream.range(0, POSTS).filter(i -> i % 11 != 10).mapToObj(i -> "p" + i).toList();
    assertThat(manifest.ids()).isEqualTo(usable);
    assertThat(manifest.shards())
        .extracting(StoreManifest.Shard::posts)
        .containsExactly(40, 40, 11);
    assertThat(manifest.skipped()).isEqualTo(9);
    assertThat(manifest.present("image_pattern"))
        .isEqualTo(
            usable.stream().filter(id -> Integer.parseInt(id.substring(1)) % 3 != 2).count());
    assertThat(store.spec()).isEqualTo(SmallWorld.spec(Form.POOLED));
    assertThat(manifest.header().data()).isEqualTo("fingerprint");
    assertThat(Files.readAllLines(folder.resolve("store").resolve(StoreManifest.SKIPPED_FILE)))
        .hasSize(9)
        .first()
        .asString()
        .contains("\"id\":\"p10\"", "\"reason\":\"why\"", "\"line\":10");
    assertThat(store.row("p12")).hasValue(11);
    assertThat(store.row("p10")).isEmpty();
    store.verify();
  }

  @Test
  void a_shard_cut_short_or_gone_or_changed_is_named() throws IOException {
    FeatureStore store = written(Form.POOLED, DType.F32, 40, 1_000_000);
    Path folder = this.folder.resolve("store");
    Path shard = folder.resolve("shard-00001.safetensors");
    byte[] bytes = Files.readAllBytes(shard);
    bytes[bytes.length - 100] ^= 1;
    Files.write(shard, bytes);
    assertThatThrownBy(store::verify)
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("shard-00001");
    try (FileChannel channel = FileChannel.open(shard, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 1);
    }
    assertThatThrownBy(() -> FeatureStore.open(folder))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("shard-00001")
        .hasMessageContaining("encode again");
    Files.delete(shard);
    assertThatThrownBy(() -> FeatureStore.open(folder))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("shard-00001");
  }

  @Test
  void what_is_not_a_finished_store_is_refused_with_the_reason() throws IOException {
    assertThatThrownBy(() -> FeatureStore.open(folder.resolve("nowhere")))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("no feature store");
    assertThatThrownBy(() -> FeatureStore.open(folder))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("is not a feature store");
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(() -> FeatureStore.open(file)).isInstanceOf(WrongUseException.class);
    Path begun = folder.resolve("begun");
    FeatureStoreWriter.open(begun, header(Form.POOLED, "fingerprint")).close();
    assertThatThrownBy(() -> FeatureStore.open(begun))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("run encode again to finish it");
  }

  private static StoreHeader header(Form form, String data) {
    return new StoreHeader(
        SmallWorld.spec(form),
        DType.F32,
        data,
        1,
        Map.of(),
        EncoderOptions.Device.CPU,
        7,
        1_000_000);
  }

  @Test
  void a_store_begun_otherwise_is_not_gone_on_with() throws IOException {
    Path store = folder.resolve("store");
    try (FeatureStoreWriter writer =
        FeatureStoreWriter.open(store, header(Form.POOLED, "fingerprint"))) {
      assertThatThrownBy(() -> FeatureStoreWriter.open(store, header(Form.POOLED, "fingerprint")))
          .isInstanceOf(WrongUseException.class)
          .hasMessageContaining("another encode");
      for (int i = 0; i < 9; i++) {
        writer.add(SmallWorld.post("p" + i, Form.POOLED));
      }
      assertThatThrownBy(() -> writer.add(SmallWorld.post("p0", Form.POOLED)))
          .isInstanceOf(WrongUseException.class)
          .hasMessageContaining("p0");
    }
    assertThatThrownBy(() -> FeatureStoreWriter.open(store, header(Form.TOKENS, "fingerprint")))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("its form is pooled, not tokens");
    assertThatThrownBy(() -> FeatureStoreWriter.open(store, header(Form.POOLED, "other")))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("other posts");
    try (FeatureStoreWriter writer =
        FeatureStoreWriter.open(store, header(Form.POOLED, "fingerprint"))) {
      assertThat(writer.written()).isEqualTo(7);
      assertThatThrownBy(() -> writer.passOver("p1"))
          .isInstanceOf(WrongUseException.class)
          .hasMessageContaining("'p0'");
    }
    Path strange = Files.createDirectories(folder.resolve("strange"));
    Files.writeString(strange.resolve("letter.txt"), "dear");
    assertThatThrownBy(() -> FeatureStoreWriter.open(strange, header(Form.POOLED, "")))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("neither empty nor a feature store");
  }

  @Test
  void a_torn_journal_costs_the_torn_shard_alone() throws IOException {
    written(Form.TOKENS, DType.F32, 7, 1_000_000);
    Path whole = folder.resolve("store");
    Path torn = folder.resolve("torn");
    try (FeatureStoreWriter writer =
        FeatureStoreWriter.open(torn, header(Form.TOKENS, "fingerprint"))) {
      for (int i = 0; i < 30; i++) {
        writer.add(SmallWorld.post("p" + i, Form.TOKENS));
      }
    }
    Path journal = torn.resolve(StoreJournal.FILE);
    try (FileChannel channel = FileChannel.open(journal, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 5);
    }
    EncodeJob.Result result =
        new EncodeJob(
                (threads, each) -> SmallWorld.extractor(Form.TOKENS),
                new EncodeJob.Options(DType.F32, 8, 3, 50))
            .run(SmallWorld.posts(POSTS), POSTS, "fingerprint", torn, Progress.NONE);
    // three shards of seven and the two skipped posts among their first 23
    assertThat(result.resumed()).isEqualTo(23);
    assertSameFiles(whole, torn);
  }

  static void assertSameFiles(Path one, Path other) throws IOException {
    try (var files = Files.list(one)) {
      List<Path> names = files.map(Path::getFileName).sorted().toList();
      try (var others = Files.list(other)) {
        assertThat(others.map(Path::getFileName).sorted().toList()).isEqualTo(names);
      }
      for (Path name : names) {
        assertThat(Files.mismatch(one.resolve(name), other.resolve(name)))
            .as(name.toString())
            .isEqualTo(-1);
      }
    }
  }

  @Test
  void a_finished_store_is_left_alone_and_other_features_are_refused() {
    written(Form.POOLED, DType.F32, 40, 1_000_000);
    Path store = folder.resolve("store");
    EncodeJob same =
        new EncodeJob(
            (threads, each) -> SmallWorld.extractor(Form.POOLED),
            new EncodeJob.Options(DType.F32, 1));
    EncodeJob.Result result =
        same.run(SmallWorld.posts(POSTS), POSTS, "fingerprint", store, Progress.NONE);
    assertThat(result.alreadyDone()).isTrue();
    assertThatThrownBy(() -> same.run(List.<Post>of(), 0, "other", store, Progress.NONE))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("other posts");
    EncodeJob halves =
        new EncodeJob(
            (threads, each) -> SmallWorld.extractor(Form.POOLED),
            new EncodeJob.Options(DType.F16, 1));
    assertThatThrownBy(
            () -> halves.run(SmallWorld.posts(POSTS), POSTS, "fingerprint", store, Progress.NONE))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("float32, not float16");
  }

  @Test
  void a_disk_that_fails_leaves_whole_shards_and_says_what_to_do() throws IOException {
    Path store = folder.resolve("store");
    try (FeatureStoreWriter writer =
        FeatureStoreWriter.open(store, header(Form.POOLED, "fingerprint"))) {
      Files.createDirectories(store.resolve("shard-00001.safetensors.partial/in-the-way"));
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 30; i++) {
                  writer.add(SmallWorld.post("p" + i, Form.POOLED));
                }
              })
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("shard-00001")
          .hasMessageContaining("(1) are safe");
    }
    assertThat(store.resolve("shard-00000.safetensors")).isRegularFile();
  }

  @Test
  void a_view_that_no_post_of_a_shard_has_is_masked_out() {
    Path store = folder.resolve("store");
    try (FeatureStoreWriter writer = FeatureStoreWriter.open(store, header(Form.POOLED, ""))) {
      writer.add(
          new ExtractedPost(
              "text-only",
              Map.of("text_pattern", new Features(1, 5, new float[] {1, 2, 3, 4, 5})),
              Optional.empty()));
      writer.finish();
    }
    FeatureBatch batch = FeatureStore.open(store).batch(new int[] {0});
    assertThat(batch.views().get(0).mask()).containsExactly(0);
    assertThat(batch.views().get(1).values()).containsExactly(1, 2, 3, 4, 5);
  }
}
