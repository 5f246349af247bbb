package org.equipoise.encoders;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** A fixed number of daemon threads; what fails in one fails where its result is awaited. */
final class Workers implements AutoCloseable {
  private static final long CLOSE_SECONDS = 60;

  private final ExecutorService pool;

  Workers(int threads) {
    pool =
        Executors.newFixedThreadPool(
            threads,
            work -> {
              Thread thread = new Thread(work, "encoder");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** A result to come. */
  record Pending<T>(Future<T> future) {
    T await() {
      try {
        return future.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("encoding was interrupted", e);
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException failure) {
          throw failure;
        }
        if (e.getCause() instanceof Error failure) {
          throw failure;
        }
        throw new IllegalStateException(e.getCause());
      }
    }
  }

  <T> Pending<T> submit(Callable<T> work) {
    return new Pending<>(pool.submit(work));
  }

  /** Drops what has not begun and waits for what has, which may hold native memory. */
  @Override
  public void close() {
    pool.shutdownNow();
    try {
      pool.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
