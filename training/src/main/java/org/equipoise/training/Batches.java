package org.equipoise.training;

import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.UnaryOperator;
import org.equipoise.core.features.FeatureBatch;

/**
 * The posts of one pass, batch by batch, read ahead in another thread. Closing it early stops that
 * thread.
 */
final class Batches implements Iterator<Batches.Batch>, AutoCloseable {
  /** Enough to bridge a slow read; more only costs memory. */
  private static final int AHEAD = 4;

  private final BlockingQueue<Item> queue = new ArrayBlockingQueue<>(AHEAD);
  private final Thread reader;
  private int left;

  /**
   * A batch of features.
   *
   * @param labels its posts' class numbers
   * @param events its posts' event numbers, −1 for none; empty where no post of the source has one
   * @param keep by view, 0 for posts that it is taken out of, else 1; views that all keep are left
   *     out
   */
  record Batch(
      FeatureBatch features, long[] labels, Optional<long[]> events, Map<String, float[]> keep) {}

  private sealed interface Item {}

  private record Ready(Batch batch) implements Item {}

  private record Failed(RuntimeException reason) implements Item {}

  /**
   * Starts reading.
   *
   * @param order the posts in the order in which they are read
   * @param change applied to each batch of features after reading
   */
  Batches(
      LabelledPosts posts, List<Visit> order, int batchSize, UnaryOperator<FeatureBatch> change) {
    left = (order.size() + batchSize - 1) / batchSize;
    reader =
        new Thread(
            () -> {
              try {
                read(posts, order, batchSize, change);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "read-ahead");
    reader.setDaemon(true);
    reader.start();
  }

  private void read(
      LabelledPosts posts, List<Visit> order, int batchSize, UnaryOperator<FeatureBatch> change)
      throws InterruptedException {
    boolean eventful = posts.eventCount() > 0;
    try {
      for (int from = 0; from < order.size(); from += batchSize) {
        List<Visit> visits = order.subList(from, Math.min(from + batchSize, order.size()));
        int[] rows = visits.stream().mapToInt(Visit::row).toArray();
        FeatureBatch features = change.apply(posts.features().batch(rows));
        queue.put(
            new Ready(
                new Batch(
                    features,
                    posts.labels(rows),
                    eventful ? Optional.of(posts.events(rows)) : Optional.empty(),
                    keep(visits))));
      }
    } catch (RuntimeException e) {
      queue.put(new Failed(e));
    }
  }

  private static Map<String, float[]> keep(List<Visit> visits) {
    Map<String, float[]> keep = new LinkedHashMap<>();
    for (int i = 0; i < visits.size(); i++) {
      for (String view : visits.get(i).without()) {
        float[] factors = keep.get(view);
        if (factors == null) {
          factors = new float[visits.size()];
          Arrays.fill(factors, 1);
          keep.put(view, factors);
        }
        factors[i] = 0;
      }
    }
    return keep;
  }

  /** How many batches are still to come. */
  int left() {
    return left;
  }

  @Override
  public boolean hasNext() {
    return left > 0;
  }

  @Override
  public Batch next() {
    if (left == 0) {
      throw new NoSuchElementException();
    }
    left--;
    try {
      Item item = queue.take();
      if (item instanceof Failed failed) {
        throw failed.reason;
      }
      return ((Ready) item).batch;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a batch", e);
    }
  }

  @Override
  public void close() {
    reader.interrupt();
  }
}
