package org.equipoise.encoders;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.equipoise.core.Modality;
import org.equipoise.media.RgbImage;

/**
 * Measures whether a network encodes more with several runs side by side, each on few threads, or
 * with few runs, each on several. Runs side by side wait for nobody, but each streams all weights
 * through a cache that they share; which weighs more depends on network and machine.
 */
final class ThreadChoice {
  /** For all networks together, loading not counted. */
  private static final long NANOSECONDS = TimeUnit.MILLISECONDS.toNanos(1800);

  /** More threads a run must be so much faster, or chance would choose. */
  private static final double GAIN = 1.1;

  private static final int IMAGE_SIDE = 64;
  private static final String TEXT =
      "The river has left its bed, and in every street of the old town people carry what they own"
          + " to higher floors";

  private final int threads;
  private final long nanosecondsEach;
  private final Measure measure;

  /** Contents a second that so many runs of a batch encode side by side. */
  interface Measure {
    double speed(Encoder encoder, List<Prepared> batch, int sideBySide);
  }

  /**
   * For so many threads in all.
   *
   * @param networks how many are to be measured, in the same two seconds
   */
  ThreadChoice(int threads, int networks) {
    this.threads = threads;
    nanosecondsEach = budget(threads, networks);
    measure = this::speed;
  }

  /** As the other, with a clock of its own. */
  ThreadChoice(int threads, int networks, Measure measure) {
    this.threads = threads;
    nanosecondsEach = budget(threads, networks);
    this.measure = measure;
  }

  /** For one network at one number of threads a run. */
  private static long budget(int threads, int networks) {
    return NANOSECONDS / Math.max(1, networks) / divisors(threads).size();
  }

  /**
   * The number of threads for each run with which the encoder does most.
   *
   * @param opening opens it for a number of threads for each run; it is closed again
   */
  int best(IntFunction<Encoder> opening) {
    int best = 1;
    int batchSize = 0;
    double most = 0;
    for (int each : divisors(threads)) {
      try (Encoder encoder = opening.apply(each)) {
        if (encoder.threads() != each) {
          continue;
        }
        Prepared prepared = encoder.prepare(content(encoder.info().view().modality()));
        if (batchSize == 0) {
          // the same for every way, because the larger a batch, the less its weights' way counts
          batchSize = batchSize(encoder, prepared);
        }
        double speed =
            measure.speed(encoder, Collections.nCopies(batchSize, prepared), threads / each);
        if (speed > GAIN * most) {
          most = speed;
          best = each;
        }
      }
    }
    return best;
  }

  /** 1 first. */
  private static List<Integer> divisors(int threads) {
    List<Integer> divisors = new ArrayList<>();
    for (int each = 1; each <= threads; each++) {
      if (threads % each == 0) {
        divisors.add(each);
      }
    }
    return divisors;
  }

  /** As many as the encoder likes, if some runs of them fit into the time. */
  private int batchSize(Encoder encoder, Prepared prepared) {
    long start = System.nanoTime();
    encoder.encode(List.of(prepared));
    long alone = Math.max(1, System.nanoTime() - start);
    long most = Math.max(1, encoder.batchSize(prepared.length()));
    return (int) Math.max(1, Math.min(most, nanosecondsEach / 4 / alone));
  }

  /** Contents a second, by so many runs side by side. */
  private double speed(Encoder encoder, List<Prepared> batch, int sideBySide) {
    encoder.encode(batch);
    try (Workers workers = new Workers(sideBySide)) {
      Workers.Turn turn = new Workers.Turn(0, 0);
      List<CompletableFuture<Double>> speeds = new ArrayList<>();
      for (int i = 0; i < sideBySide; i++) {
        speeds.add(workers.submit(turn, 1, () -> speed(encoder, batch)));
      }
      return speeds.stream().mapToDouble(Workers::await).sum();
    }
  }

  private double speed(Encoder encoder, List<Prepared> batch) {
    long start = System.nanoTime();
    long contents = 0;
    long passed;
    do {
      encoder.encode(batch);
      contents += batch.size();
      passed = System.nanoTime() - start;
    } while (passed < nanosecondsEach / 2);
    return contents / (double) passed;
  }

  private static Content content(Modality modality) {
    if (modality == Modality.TEXT) {
      return new Content.Text(TEXT);
    }
    byte[] pixels = new byte[3 * IMAGE_SIDE * IMAGE_SIDE];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * 7);
    }
    return new Content.Image(new RgbImage(IMAGE_SIDE, IMAGE_SIDE, pixels));
  }
}
