package org.equipoise.training;

import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
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

  /** A batch of features with its posts' class numbers. */
  record Batch(FeatureBatch features, long[] labels) {}

  private sealed interface Item {}

  private record Ready(Batch batch) implements Item {}

  private record Failed(RuntimeException reason) implements Item {}

  /**
   * Starts reading.
   *
   * @param order rows in the order in which they are read
   * @param change applied to each batch of features after reading
   */
  Batches(LabelledPosts posts, int[] order, int batchSize, UnaryOperator<FeatureBatch> change) {
    left = (order.length + batchSize - 1) / batchSize;
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
      LabelledPosts posts, int[] order, int batchSize, UnaryOperator<FeatureBatch> change)
      throws InterruptedException {
    try {
      for (int from = 0; from < order.length; from += batchSize) {
        int[] rows = Arrays.copyOfRange(order, from, Math.min(from + batchSize, order.length));
        FeatureBatch features = change.apply(posts.features().batch(rows));
        queue.put(new Ready(new Batch(features, posts.labels(rows))));
      }
    } catch (RuntimeException e) {
      queue.put(new Failed(e));
    }
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
