package org.equipoise.encoders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.equipoise.core.Form;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.Post;
import org.equipoise.core.Progress;
import org.equipoise.core.View;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.core.features.ExtractedPost;
import org.equipoise.core.features.FeatureSpec;
import org.equipoise.core.safetensors.DType;
import org.equipoise.media.ImageEncoder;
import org.equipoise.media.RgbImage;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PipelineTest {
  private static final TextCleaning CLEANING = TextCleaning.of(Map.of(), "a test");
  private static final int IMAGES = 30;
  private static final int POSTS = 300;
  private static final int SHARD_POSTS = 40;

  @TempDir static Path images;
  private static List<Post> posts;
  @TempDir Path folder;

  /** Posts whose texts and images repeat, some without one, some broken. */
  @BeforeAll
  static void makePosts() throws IOException {
    Random random = new Random(3);
    for (int i = 0; i < IMAGES; i++) {
      byte[] pixels = new byte[8 * 8 * 3];
      random.nextBytes(pixels);
      byte[] file = ImageEncoder.png(new RgbImage(8, 8, pixels));
      Files.write(
          images.resolve(i + ".png"),
          i % 7 == 3 ? java.util.Arrays.copyOf(file, file.length / 2) : file);
      Files.write(images.resolve(i + "-copy.jpg"), Files.readAllBytes(images.resolve(i + ".png")));
    }
    posts = new ArrayList<>();
    for (int i = 0; i < POSTS; i++) {
      List<Path> files = IntStream.range(0, random.nextInt(3)).mapToObj(n -> file(random)).toList();
      String text = random.nextInt(10) == 0 ? "" : text(random.nextInt(120));
      posts.add(Post.builder("p" + i).text(text).images(files).build());
    }
  }

  private static Path file(Random random) {
    int number = random.nextInt(IMAGES + 2);
    return images.resolve(number + (random.nextBoolean() ? ".png" : "-copy.jpg"));
  }

  private static String text(int seed) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder("word" + seed);
    for (int words = random.nextInt(14); words > 0; words--) {
      text.append(" w").append(random.nextInt(50));
    }
    return text.toString();
  }

  /** The same extractor with windows of a size of one's own. */
  private record Windows(StagedExtractor extractor, int window) implements StagedExtractor {
    @Override
    public Pending start(List<Post> some, Progress.Task task) {
      return extractor.start(some, task);
    }

    @Override
    public FeatureSpec spec() {
      return extractor.spec();
    }

    @Override
    public List<ExtractedPost> extract(List<Post> some) {
      return extractor.extract(some);
    }

    @Override
    public void close() {
      extractor.close();
    }
  }

  private static EncoderOptions options(int threads, OptionalInt batch) {
    return new EncoderOptions(
        threads, OptionalInt.empty(), batch, OptionalLong.of(16L << 20), EncoderOptions.Device.CPU);
  }

  private static Progress.Task nobody() {
    return Progress.NONE.start("", 0);
  }

  private Path store(String name, Windows extractor) {
    Path store = folder.resolve(name);
    new EncodeJob(
            (threads, each) -> extractor, new EncodeJob.Options(DType.F32, 1, SHARD_POSTS, 1 << 20))
        .run(posts, POSTS, "fingerprint", store, Progress.NONE);
    return store;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void any_window_batch_and_number_of_threads_gives_the_same_bytes_within_the_threads(long seed)
      throws IOException {
    WordCounting.Watch alone = new WordCounting.Watch();
    List<Encoder> plain =
        List.of(
            new WordCounting(Modality.IMAGE, 1, 1, alone),
            new WordCounting(Modality.TEXT, 1, 1, alone));
    Path one =
        store(
            "one",
            new Windows(
                new PostExtractor(Form.TOKENS, plain, CLEANING, options(1, OptionalInt.empty())),
                1));
    assertThat(alone.mostBusy).hasValue(1);

    Random random = new Random(seed);
    int threads = 1 + random.nextInt(5);
    WordCounting.Watch watch = new WordCounting.Watch();
    watch.slow = random.nextInt(2);
    WordCounting ofTexts =
        new WordCounting(Modality.TEXT, 1 + random.nextInt(threads), 1 + random.nextInt(20), watch);
    WordCounting ofImages =
        new WordCounting(
            Modality.IMAGE, 1 + random.nextInt(threads), 1 + random.nextInt(20), watch);
    OptionalInt batch =
        random.nextBoolean() ? OptionalInt.empty() : OptionalInt.of(1 + random.nextInt(5));
    Path other =
        store(
            "other",
            new Windows(
                new PostExtractor(
                    Form.TOKENS, List.of(ofImages, ofTexts), CLEANING, options(threads, batch)),
                1 + random.nextInt(POSTS)));

    assertSameShards(one, other);
    assertThat(watch.mostBusy.get()).isLessThanOrEqualTo(threads);
    long texts = posts.stream().map(post -> CLEANING.clean(post.text())).distinct().count() - 1;
    assertThat(ofTexts.encoded.get()).isEqualTo((int) texts);
    assertThat(ofImages.encoded.get()).isLessThanOrEqualTo(IMAGES);
  }

  private static void assertSameShards(Path one, Path other) throws IOException {
    try (var files = Files.list(one)) {
      for (Path file : files.filter(some -> !some.endsWith(StoreManifest.FILE)).toList()) {
        assertThat(other.resolve(file.getFileName())).hasSameBinaryContentAs(file);
      }
    }
    assertThat(FeatureStore.open(other).manifest().ids())
        .isEqualTo(FeatureStore.open(one).manifest().ids());
  }

  @Test
  void texts_of_one_length_in_a_window_share_their_runs() {
    WordCounting texts = new WordCounting(Modality.TEXT, 1, 8, new WordCounting.Watch());
    try (PostExtractor extractor =
        new PostExtractor(Form.TOKENS, List.of(texts), CLEANING, options(2, OptionalInt.empty()))) {
      extractor.extract(
          IntStream.range(0, 64)
              .mapToObj(i -> Post.builder("p" + i).text("a" + i + (i % 2 == 0 ? " b" : "")).build())
              .toList());
    }
    assertThat(texts.runs).hasValue(8);
  }

  @Test
  void images_wait_as_names_and_not_as_pixels() {
    WordCounting.Watch watch = new WordCounting.Watch();
    watch.slow = 1;
    WordCounting encoder = new WordCounting(Modality.IMAGE, 1, 16, watch);
    try (PostExtractor extractor =
        new PostExtractor(
            Form.TOKENS, List.of(encoder), CLEANING, options(2, OptionalInt.empty()))) {
      extractor.extract(
          IntStream.range(0, IMAGES)
              .mapToObj(i -> Post.builder("p" + i).images(List.of(images.resolve(i + ".png"))))
              .map(Post.Builder::build)
              .toList());
    }
    // two MiB for images under way, and one MiB for each
    assertThat(watch.mostHeld.get()).isBetween(1, 2);
    assertThat(encoder.encoded.get()).isGreaterThan(20);
  }

  @Test
  void what_two_windows_share_is_encoded_once_and_a_post_alone_waits_for_no_batch() {
    WordCounting.Watch watch = new WordCounting.Watch();
    watch.slow = 20;
    WordCounting texts = new WordCounting(Modality.TEXT, 1, 100, watch);
    WordCounting pictures = new WordCounting(Modality.IMAGE, 1, 100, watch);
    List<Post> one =
        List.of(Post.builder("p").text("a b").images(List.of(images.resolve("0.png"))).build());
    try (PostExtractor extractor =
        new PostExtractor(
            Form.TOKENS, List.of(pictures, texts), CLEANING, options(2, OptionalInt.empty()))) {
      StagedExtractor.Pending first = extractor.start(one, nobody());
      StagedExtractor.Pending second = extractor.start(one, nobody());
      assertThat(second.await()).hasSize(1);
      assertThat(first.await()).hasSize(1);
      extractor.extract(one);
      assertThat(extractor.times().of(Stage.DECODE).items()).isEqualTo(1);
      assertThat(extractor.times().of(Stage.INFER).length()).isEqualTo(4);
    }
    assertThat(texts.prepared).hasValue(1);
    assertThat(pictures.prepared).hasValue(1);
  }

  /** Fails in one of its steps. */
  private record Failing(Modality modality, boolean preparing, Throwable failure)
      implements Encoder {
    @Override
    public EncoderInfo info() {
      View view = new View(modality.id(), modality, Kind.PATTERN, 1);
      return new EncoderInfo(view, 1, "failing", "aa", Map.of());
    }

    @Override
    public Prepared prepare(Content content) {
      if (preparing) {
        fail();
      }
      return content;
    }

    @Override
    public List<Encoding> encode(List<? extends Prepared> batch) {
      fail();
      return List.of();
    }

    private void fail() {
      if (failure instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) failure;
    }

    @Override
    public void close() {}
  }

  @ParameterizedTest
  @EnumSource(names = {"TEXT", "IMAGE"})
  void what_fails_in_an_encoder_fails_where_it_is_awaited_and_again(Modality modality) {
    for (boolean preparing : new boolean[] {true, false}) {
      for (Throwable failure :
          List.of(new IllegalStateException("out of order"), new OutOfMemoryError("none left"))) {
        Encoder failing = new Failing(modality, preparing, failure);
        try (PostExtractor extractor =
            new PostExtractor(
                Form.POOLED, List.of(failing), CLEANING, options(2, OptionalInt.empty()))) {
          for (int call = 0; call < 2; call++) {
            assertThatThrownBy(() -> extractor.extract(posts)).isSameAs(failure);
          }
        }
      }
    }
  }

  @Test
  void closing_while_posts_are_under_way_fails_what_is_awaited() throws Exception {
    WordCounting.Watch watch = new WordCounting.Watch();
    watch.slow = 5;
    List<Encoder> encoders =
        List.of(
            new WordCounting(Modality.IMAGE, 1, 1, watch),
            new WordCounting(Modality.TEXT, 1, 1, watch));
    PostExtractor extractor =
        new PostExtractor(Form.TOKENS, encoders, CLEANING, options(2, OptionalInt.empty()));
    StagedExtractor.Pending pending = extractor.start(posts, nobody());
    CompletableFuture<List<ExtractedPost>> awaited = CompletableFuture.supplyAsync(pending::await);
    extractor.close();
    assertThatThrownBy(awaited::get).hasStackTraceContaining("closed");
  }

  @Test
  void an_interrupted_job_stops_and_goes_on_to_the_same_bytes() throws Exception {
    Path whole = store("whole", windows(0));
    Path store = folder.resolve("interrupted");
    EncodeJob.Options options = new EncodeJob.Options(DType.F32, 1, SHARD_POSTS, 1 << 20);
    CountDownLatch begun = new CountDownLatch(POSTS / 2);
    Progress counting =
        (what, total) ->
            new Progress.Task() {
              @Override
              public void step(long count) {
                begun.countDown();
              }

              @Override
              public void note(String message) {}

              @Override
              public void close() {}
            };
    AtomicReference<Throwable> end = new AtomicReference<>();
    Thread thread =
        new Thread(
            () ->
                new EncodeJob((t, each) -> windows(2), options)
                    .run(posts, POSTS, "fingerprint", store, counting));
    thread.setUncaughtExceptionHandler((some, failure) -> end.set(failure));
    thread.start();
    begun.await();
    thread.interrupt();
    thread.join();
    assertThat(end.get()).hasMessageContaining("interrupted");
    assertThat(FeatureStore.exists(store)).isFalse();

    EncodeJob.Result result =
        new EncodeJob((t, each) -> windows(0), options)
            .run(posts, POSTS, "fingerprint", store, Progress.NONE);
    assertThat(result.resumed()).isPositive();
    assertSameShards(whole, store);
  }

  private static Windows windows(long slow) {
    WordCounting.Watch watch = new WordCounting.Watch();
    watch.slow = slow;
    return new Windows(
        new PostExtractor(
            Form.TOKENS,
            List.of(
                new WordCounting(Modality.IMAGE, 1, 4, watch),
                new WordCounting(Modality.TEXT, 1, 4, watch)),
            CLEANING,
            options(2, OptionalInt.empty())),
        50);
  }

  /** Chooses two threads for each run once, and keeps what it is asked to open. */
  private static final class Choosing implements ExtractorOpening {
    private final List<Map<String, Integer>> opened = new ArrayList<>();
    private int chosen;

    @Override
    public StagedExtractor open(int threads, Map<String, Integer> threadsEach) {
      opened.add(threadsEach);
      return new PostExtractor(
          Form.TOKENS,
          List.of(
              new WordCounting(
                  Modality.TEXT, threadsEach.getOrDefault("text", 1), 4, new WordCounting.Watch())),
          CLEANING,
          options(threads, OptionalInt.empty()));
    }

    @Override
    public Map<String, Integer> chooseThreads(int threads, long number) {
      chosen++;
      return Map.of("text", 2);
    }
  }

  @Test
  void threads_of_each_run_are_chosen_once_recorded_and_kept() {
    Path store = folder.resolve("store");
    EncodeJob.Options options = new EncodeJob.Options(DType.F32, 2, SHARD_POSTS, 1 << 20);
    Choosing choosing = new Choosing();
    EncodeJob job = new EncodeJob(choosing, options);
    List<Post> unfinished = new ArrayList<>(posts.subList(0, 100));
    unfinished.add(posts.get(0));
    assertThatThrownBy(() -> job.run(unfinished, POSTS, "fingerprint", store, Progress.NONE))
        .hasMessageContaining("ids must be unique");
    Optional<StoreHeader> begun = StoreJournal.header(store);
    assertThat(begun.orElseThrow().threadsEach()).isEqualTo(Map.of("text", 2));

    EncodeJob.Result result = job.run(posts, POSTS, "fingerprint", store, Progress.NONE);
    job.run(posts, POSTS, "fingerprint", store, Progress.NONE);

    assertThat(choosing.chosen).isEqualTo(1);
    assertThat(choosing.opened.subList(0, 2)).containsOnly(Map.of("text", 2));
    assertThat(result.manifest().header().threadsEach()).isEqualTo(Map.of("text", 2));
    assertThat(FeatureStore.open(store).manifest().header().threadsEach())
        .isEqualTo(Map.of("text", 2));
  }
}
