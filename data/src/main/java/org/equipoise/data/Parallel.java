package org.equipoise.data;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** The same work for many numbers, on a given number of threads. */
final class Parallel {
  private static final int CHUNK = 256;

  private Parallel() {}

  /** Runs the work for 0 to count − 1. */
  static void range(int count, int threads, IntConsumer work) {
    range(count, threads, () -> work);
  }

  /** As above, with a worker of its own for each thread. */
  static void range(int count, int threads, Supplier<IntConsumer> workers) {
    // small counts are heavy items, such as a band to sort
    int chunk = Math.max(1, Math.min(CHUNK, count / (threads * 4)));
    AtomicInteger next = new AtomicInteger();
    Runnable loop =
        () -> {
          IntConsumer work = workers.get();
          for (int start = next.getAndAdd(chunk);
              start < count && start >= 0;
              start = next.getAndAdd(chunk)) {
            for (int i = start; i < Math.min(count, start + chunk); i++) {
              work.accept(i);
            }
          }
        };
    if (threads <= 1) {
      loop.run();
      return;
    }
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> pending = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        pending.add(pool.submit(loop));
      }
      for (Future<?> future : pending) {
        future.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      pool.shutdownNow();
    }
  }
}
