package org.equipoise.encoders;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.core.features.Features;

/**
 * An encoder whose features are of the content alone, a row for each word of a text. It watches
 * what it is given, and how many threads it keeps busy together with others that share a {@link
 * Watch}.
 */
final class WordCounting implements Encoder {
  static final int WIDTH = 3;
  static final int MOST_WORDS = 12;

  private final EncoderInfo info;
  private final int threads;
  private final int batchSize;
  private final Watch watch;
  final AtomicInteger encoded = new AtomicInteger();
  final AtomicInteger runs = new AtomicInteger();
  final AtomicInteger prepared = new AtomicInteger();

  /** What several encoders do together. */
  static final class Watch {
    final AtomicInteger busy = new AtomicInteger();
    final AtomicInteger mostBusy = new AtomicInteger();
    final AtomicInteger held = new AtomicInteger();
    final AtomicInteger mostHeld = new AtomicInteger();
    volatile long slow;

    private void begin(int threads) {
      mostBusy.accumulateAndGet(busy.addAndGet(threads), Math::max);
    }

    private void end(int threads) {
      busy.addAndGet(-threads);
    }
  }

  private record Words(int length, long seed) implements Prepared {}

  WordCounting(Modality modality, int threads, int batchSize, Watch watch) {
    this.threads = threads;
    this.batchSize = batchSize;
    this.watch = watch;
    View view = new View(modality.id(), modality, Kind.PATTERN, WIDTH);
    info = new EncoderInfo(view, MOST_WORDS, "words", "aa", Map.of());
  }

  @Override
  public EncoderInfo info() {
    return info;
  }

  @Override
  public int threads() {
    return threads;
  }

  @Override
  public int batchSize(int length) {
    return batchSize;
  }

  @Override
  public Prepared prepare(Content content) {
    watch.begin(1);
    prepared.incrementAndGet();
    watch.mostHeld.accumulateAndGet(watch.held.incrementAndGet(), Math::max);
    Words words;
    if (content instanceof Content.Text text) {
      int count = text.text().strip().split(" ").length;
      words = new Words(Math.min(count, MOST_WORDS), text.text().hashCode());
    } else {
      words = new Words(2, ((Content.Image) content).image().value(0, 0, 0));
    }
    watch.end(1);
    return words;
  }

  @Override
  public List<Encoding> encode(List<? extends Prepared> batch) {
    watch.begin(threads);
    runs.incrementAndGet();
    if (batch.stream().mapToInt(Prepared::length).distinct().count() != 1
        || batch.size() > batchSize) {
      throw new IllegalArgumentException("not a batch: " + batch);
    }
    List<Encoding> encodings = batch.stream().map(of -> encode((Words) of)).toList();
    pause();
    encoded.addAndGet(batch.size());
    watch.held.addAndGet(-batch.size());
    watch.end(threads);
    return encodings;
  }

  private void pause() {
    if (watch.slow > 0) {
      try {
        Thread.sleep(watch.slow);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static Encoding encode(Words words) {
    Random random = new Random(words.seed);
    float[] values = new float[words.length * WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(1000) / 8f;
    }
    return new Encoding(new Features(words.length, WIDTH, values), words.length == MOST_WORDS);
  }

  @Override
  public void close() {}
}
