package org.equipoise.lab.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.equipoise.core.WrongUseException;
import org.equipoise.media.BrokenImageException;
import org.equipoise.media.ImageDecoder;
import org.equipoise.media.ImageEncoder;
import org.equipoise.media.Resampling;
import org.equipoise.media.RgbImage;

/**
 * Times the decoding of pictures and their resizing to {@value #SIDE} × {@value #SIDE} (bicubic,
 * antialiased), on several threads: files that are named, or a JPEG and a PNG of {@value #WIDTH} ×
 * {@value #HEIGHT} pixels for each thread, drawn here. The parts are milliseconds of one picture,
 * by format, and of one resizing.
 */
public final class DecodeBench {
  private static final int SIDE = 224;
  private static final int WIDTH = 800;
  private static final int HEIGHT = 600;
  private static final double QUALITY = 0.9;
  private static final int WARM_UP = 5;
  private static final String PREPARE = "prepare";

  private final int threads;
  private final int repeats;
  private final List<Path> files;
  private final ImageDecoder decoder = new ImageDecoder();

  /** What became of one file. */
  private record Decoded(Optional<String> format, boolean broken, long decode, long prepare) {}

  /**
   * Prepares.
   *
   * @param repeats how many times all pictures are decoded
   * @param files the pictures; none to have them drawn
   */
  public DecodeBench(int threads, int repeats, List<Path> files) {
    this.threads = threads;
    this.repeats = repeats;
    this.files = List.copyOf(files);
  }

  /**
   * Measures.
   *
   * @throws WrongUseException if none of the files is a picture
   * @throws IOException if a file cannot be read
   */
  public DecodeMeasurement run() throws IOException {
    List<Callable<byte[]>> pictures = pictures();
    int warmUp = files.isEmpty() ? WARM_UP : 0;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      Samples whole = new Samples();
      List<Decoded> decoded = new ArrayList<>();
      for (int i = -warmUp; i < repeats; i++) {
        long start = System.nanoTime();
        List<Decoded> some = all(pool, pictures);
        if (i >= 0) {
          whole.add(System.nanoTime() - start);
          decoded.addAll(some);
        }
      }
      return measurement(whole, decoded);
    } finally {
      pool.shutdown();
    }
  }

  private List<Callable<byte[]>> pictures() {
    if (!files.isEmpty()) {
      return files.stream().<Callable<byte[]>>map(file -> () -> Files.readAllBytes(file)).toList();
    }
    RgbImage picture = picture();
    byte[] jpeg = ImageEncoder.jpeg(picture, QUALITY);
    byte[] png = ImageEncoder.png(picture);
    List<Callable<byte[]>> drawn = new ArrayList<>(Collections.nCopies(threads, () -> jpeg));
    drawn.addAll(Collections.nCopies(threads, () -> png));
    return drawn;
  }

  private List<Decoded> all(ExecutorService pool, List<Callable<byte[]>> pictures)
      throws IOException {
    List<Future<Decoded>> pending =
        pictures.stream().map(picture -> pool.submit(() -> decode(picture.call()))).toList();
    List<Decoded> decoded = new ArrayList<>();
    for (Future<Decoded> one : pending) {
      try {
        decoded.add(one.get());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("decoding was interrupted", e);
      } catch (ExecutionException e) {
        if (e.getCause() instanceof IOException failure) {
          throw failure;
        }
        throw new IllegalStateException(e.getCause());
      }
    }
    return decoded;
  }

  private Decoded decode(byte[] file) {
    Optional<String> format = ImageDecoder.format(file);
    if (format.isEmpty()) {
      return new Decoded(format, true, 0, 0);
    }
    long start = System.nanoTime();
    try {
      RgbImage image = decoder.decode(file);
      long decoded = System.nanoTime();
      Resampling.resize(image, SIDE, SIDE, Resampling.Filter.BICUBIC);
      return new Decoded(format, false, decoded - start, System.nanoTime() - decoded);
    } catch (BrokenImageException e) {
      return new Decoded(format, true, System.nanoTime() - start, 0);
    }
  }

  private DecodeMeasurement measurement(Samples whole, List<Decoded> decoded) {
    Map<String, Samples> parts = new TreeMap<>();
    Samples prepare = new Samples();
    Map<String, DecodeMeasurement.FormatRate> formats = new TreeMap<>();
    List<Decoded> good = decoded.stream().filter(one -> !one.broken).toList();
    if (good.isEmpty()) {
      throw new WrongUseException("none of %,d files is a picture".formatted(files.size()));
    }
    good.stream()
        .map(one -> one.format.orElseThrow())
        .distinct()
        .forEach(
            format -> {
              List<Decoded> of =
                  good.stream().filter(one -> one.format.orElseThrow().equals(format)).toList();
              Samples decode = new Samples();
              of.forEach(one -> decode.add(one.decode));
              parts.put(format, decode);
              formats.put(
                  format,
                  new DecodeMeasurement.FormatRate(
                      of.size() / repeats,
                      rate(of.size(), of.stream().mapToLong(Decoded::decode).sum()),
                      rate(of.size(), of.stream().mapToLong(Decoded::prepare).sum())));
            });
    good.forEach(one -> prepare.add(one.prepare));
    parts.put(PREPARE, prepare);
    int images = good.size() / repeats;
    return new DecodeMeasurement(
        Measurement.of("decode", threads, repeats, whole, images, parts),
        formats,
        (decoded.size() - good.size()) / repeats,
        rate(good.size(), good.stream().mapToLong(Decoded::decode).sum()),
        rate(good.size(), good.stream().mapToLong(Decoded::prepare).sum()));
  }

  /** A second, by all threads. */
  private double rate(int images, long nanoseconds) {
    return images * 1e9 * threads / nanoseconds;
  }

  /** Waves of colour under a little noise, about as compressible as a photograph. */
  private static RgbImage picture() {
    byte[] pixels = new byte[3 * WIDTH * HEIGHT];
    int noise = 1;
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        noise = noise * 1664525 + 1013904223;
        double wave = Math.sin(x / 37.0) + Math.cos(y / 23.0) + Math.sin((x + y) / 91.0);
        for (int c = 0; c < 3; c++) {
          double value = 128 + 30 * wave * (c + 1) / 3 + (noise >>> 28);
          pixels[3 * (y * WIDTH + x) + c] = (byte) Math.max(0, Math.min(255, value));
        }
      }
    }
    return new RgbImage(WIDTH, HEIGHT, pixels);
  }
}
