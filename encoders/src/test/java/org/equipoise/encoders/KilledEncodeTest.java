package org.equipoise.encoders;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.equipoise.core.Form;
import org.equipoise.core.Progress;
import org.equipoise.core.safetensors.DType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class KilledEncodeTest {
  private static final int POSTS = 20_000;
  private static final int SHARD_POSTS = 100;
  private static final int KILLS = 6;

  @TempDir Path folder;

  private static EncodeJob.Result encode(Path store) {
    return new EncodeJob(
            (threads, each) -> SmallWorld.extractor(Form.TOKENS),
            new EncodeJob.Options(DType.F16, 1, SHARD_POSTS, 1 << 20))
        .run(SmallWorld.posts(POSTS), POSTS, "fingerprint", store, Progress.NONE);
  }

  /** Encodes into the folder that is given. */
  static final class Victim {
    public static void main(String[] arguments) {
      encode(Path.of(arguments[0]));
    }
  }

  @Test
  void a_process_killed_at_any_moment_loses_at_most_the_shard_in_flight()
      throws IOException, InterruptedException {
    Path whole = folder.resolve("whole");
    encode(whole);
    Path killed = folder.resolve("killed");
    Random random = new Random(5);
    long before = 0;
    for (int kill = 0; kill < KILLS && !FeatureStore.exists(killed); kill++) {
      Process process = ChildProcess.java(Victim.class, List.of(), killed.toString()).start();
      waitForShards(killed, before + 1 + random.nextInt(25), process);
      Thread.sleep(0, random.nextInt(999_999));
      process.destroyForcibly().waitFor();
      long shards = shards(killed);
      long journalled = journalled(killed);
      assertThat(journalled).isGreaterThanOrEqualTo(before);
      assertThat(shards - journalled).isBetween(0L, 1L);
      before = journalled;
    }
    assertThat(before).isPositive();
    EncodeJob.Result result = encode(killed);
    assertThat(result.resumed()).isGreaterThanOrEqualTo(before * SHARD_POSTS);
    FeatureStoreTest.assertSameFiles(whole, killed);
  }

  private static void waitForShards(Path store, long wanted, Process process)
      throws IOException, InterruptedException {
    while (process.isAlive() && shards(store) < wanted) {
      process.waitFor(1, TimeUnit.MILLISECONDS);
    }
  }

  private static long shards(Path store) throws IOException {
    if (!Files.isDirectory(store)) {
      return 0;
    }
    try (var files = Files.list(store)) {
      return files.filter(file -> file.toString().endsWith(".safetensors")).count();
    }
  }

  private static long journalled(Path store) throws IOException {
    Path journal = store.resolve(StoreJournal.FILE);
    if (!Files.exists(journal)) {
      return shards(store);
    }
    String text = Files.readString(journal);
    return text.chars().filter(c -> c == '\n').count() - 1;
  }
}
