package org.equipoise.benchmarks;

import java.util.concurrent.TimeUnit;
import org.equipoise.media.RgbImage;
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
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to bring a decoded picture to 224 × 224, and to the floats of a network. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ResamplingBenchmark {
  private static final int EDGE = 224;

  @Param({"exact", "crop"})
  private String shape;

  @Param({"448x336", "2048x1536", "160x120"})
  private String size;

  private PreparedPixels prepared;
  private RgbImage picture;

  @Setup
  public void draw() {
    prepared = new PreparedPixels(EDGE, shape.equals("crop"));
    String[] edges = size.split("x");
    picture = Pictures.drawn(Integer.parseInt(edges[0]), Integer.parseInt(edges[1]));
  }

  @Benchmark
  public RgbImage resize() {
    return prepared.resized(picture);
  }

  @Benchmark
  public float[] resizeAndNormalise() {
    return prepared.of(picture);
  }
}
