package org.equipoise.encoders;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * A fixed number of daemon threads. Work that keeps several of them busy, such as a run of a
 * network on threads of its own, says how many and begins when as many are free; what is first in
 * turn is never overtaken, so that it waits no longer than what is running. What fails fails where
 * its result is awaited.
 */
final class Workers implements AutoCloseable {
  private static final long CLOSE_SECONDS = 60;

  private final List<Thread> threads = new ArrayList<>();
  private final PriorityQueue<Task<?>> waiting =
      new PriorityQueue<>(
          Comparator.<Task<?>, Turn>comparing(task -> task.turn)
              .thenComparing(task -> task.number));
  private final int count;
  private int free;
  private long submitted;
  private boolean closed;

  /**
   * When work's turn comes: earlier windows first, within a window by rank, then as submitted.
   *
   * @param window number of the posts handed over together
   * @param rank the lower the earlier
   */
  record Turn(long window, int rank) implements Comparable<Turn> {
    private static final Comparator<Turn> ORDER =
        Comparator.comparingLong(Turn::window).thenComparingInt(Turn::rank);

    @Override
    public int compareTo(Turn other) {
      return ORDER.compare(this, other);
    }
  }

  private static final class Task<T> {
    private final Turn turn;
    private final long number;
    private final int weight;
    private final Callable<T> work;
    private final CompletableFuture<T> result = new CompletableFuture<>();

    private Task(Turn turn, long number, int weight, Callable<T> work) {
      this.turn = turn;
      this.number = number;
      this.weight = weight;
      this.work = work;
    }

    private void run() {
      T value;
      try {
        value = work.call();
      } catch (Throwable e) {
        result.completeExceptionally(e);
        return;
      }
      result.complete(value);
    }

    private void drop() {
      result.completeExceptionally(new CancellationException("the encoders are closed"));
    }
  }

  Workers(int count) {
    this.count = count;
    free = count;
    for (int i = 0; i < count; i++) {
      Thread thread = new Thread(this::work, "encoder");
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
  }

  /** How many threads there are. */
  int count() {
    return count;
  }

  /**
   * Hands over work.
   *
   * @param weight how many threads it keeps busy; all of them where it is more
   */
  <T> CompletableFuture<T> submit(Turn turn, int weight, Callable<T> work) {
    Task<T> task;
    synchronized (this) {
      task = new Task<>(turn, submitted++, Math.min(weight, count), work);
      if (!closed) {
        waiting.add(task);
        notifyAll();
        return task.result;
      }
    }
    task.drop();
    return task.result;
  }

  private void work() {
    for (Task<?> task = next(0); task != null; task = next(task.weight)) {
      task.run();
    }
  }

  /** Gives threads back and waits for work; null at the end. */
  private synchronized Task<?> next(int givenBack) {
    free += givenBack;
    if (givenBack > 1) {
      notifyAll();
    }
    while (!closed && (waiting.isEmpty() || waiting.peek().weight > free)) {
      try {
        wait();
      } catch (InterruptedException e) {
        return null;
      }
    }
    if (closed) {
      return null;
    }
    Task<?> task = waiting.poll();
    free -= task.weight;
    return task;
  }

  /** Waits for a result; a failure is thrown as it was. */
  static <T> T await(CompletableFuture<T> result) {
    try {
      return result.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("encoding was interrupted", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      while (cause instanceof CompletionException && cause.getCause() != null) {
        cause = cause.getCause();
      }
      if (cause instanceof RuntimeException failure) {
        throw failure;
      }
      if (cause instanceof Error failure) {
        throw failure;
      }
      throw new IllegalStateException(cause);
    }
  }

  /** Drops what has not begun and waits for what has, which may hold native memory. */
  @Override
  public void close() {
    List<Task<?>> dropped;
    synchronized (this) {
      closed = true;
      dropped = List.copyOf(waiting);
      waiting.clear();
      notifyAll();
    }
    dropped.forEach(Task::drop);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(CLOSE_SECONDS);
    try {
      for (Thread thread : threads) {
        thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
