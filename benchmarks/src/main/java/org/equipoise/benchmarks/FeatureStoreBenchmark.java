package org.equipoise.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.equipoise.core.Form;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.core.features.ExtractedPost;
import org.equipoise.core.features.FeatureBatch;
import org.equipoise.core.features.FeatureSpec;
import org.equipoise.core.features.Features;
import org.equipoise.core.safetensors.DType;
import org.equipoise.encoders.FeatureStore;
import org.equipoise.encoders.FeatureStoreWriter;
import org.equipoise.encoders.StoreHeader;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What a batch of 64 posts at random places of a store costs: one pooled view, 768 wide. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 2)
public class FeatureStoreBenchmark {
  private static final int POSTS = 20_000;
  private static final int BATCH = 64;
  private static final int WIDTH = 768;

  @Param({"F32", "F16"})
  private DType type;

  private final Random random = new Random(1);
  private Path folder;
  private FeatureStore store;

  @Setup
  public void write() throws IOException {
    folder = Files.createTempDirectory("feature-store");
    View view = new View("text_pattern", Modality.TEXT, Kind.PATTERN, WIDTH);
    FeatureSpec spec =
        new FeatureSpec(
            Form.POOLED, List.of(new EncoderInfo(view, 1, "random", "00", Map.of())), Map.of());
    try (FeatureStoreWriter writer =
        FeatureStoreWriter.open(folder, new StoreHeader(spec, type, "", 1))) {
      for (int i = 0; i < POSTS; i++) {
        float[] values = new float[WIDTH];
        for (int d = 0; d < WIDTH; d++) {
          values[d] = random.nextFloat();
        }
        writer.add(
            new ExtractedPost(
                "p" + i, Map.of(view.name(), new Features(1, WIDTH, values)), Optional.empty()));
      }
      writer.finish();
    }
    store = FeatureStore.open(folder);
  }

  @TearDown
  public void remove() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Benchmark
  public FeatureBatch randomBatch() {
    return store.batch(random.ints(BATCH, 0, POSTS).toArray());
  }
}
