package org.equipoise.benchmarks;

import java.util.concurrent.TimeUnit;
import org.equipoise.media.BrokenImageException;
import org.equipoise.media.ImageDecoder;
import org.equipoise.media.ImageEncoder;
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

/** What it costs to decode a picture of 448 × 336 pixels. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DecodeBenchmark {
  private static final double QUALITY = 0.85;

  @Param({"jpeg", "png"})
  private String format;

  private final ImageDecoder decoder = new ImageDecoder();
  private byte[] file;

  @Setup
  public void write() {
    RgbImage picture = Pictures.drawn(448, 336);
    file = format.equals("jpeg") ? ImageEncoder.jpeg(picture, QUALITY) : ImageEncoder.png(picture);
  }

  @Benchmark
  public RgbImage decode() throws BrokenImageException {
    return decoder.decode(file);
  }
}
