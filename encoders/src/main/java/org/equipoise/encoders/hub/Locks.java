package org.equipoise.encoders.hub;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.equipoise.core.io.WorkLock;

/** Work that one thread of one process at a time may do at a place; others wait. */
final class Locks {
  private static final long POLL_MILLISECONDS = 100;

  /** One for each place, so that threads of this process do not meet at the file. */
  private static final Map<Path, Object> THREADS = new ConcurrentHashMap<>();

  private Locks() {}

  /**
   * Waits for the place, works and frees it.
   *
   * @param file the lock's own
   */
  static <T> T hold(Path file, Supplier<T> work) {
    synchronized (THREADS.computeIfAbsent(file.toAbsolutePath(), path -> new Object())) {
      WorkLock lock = take(file);
      try {
        return work.get();
      } finally {
        lock.close();
      }
    }
  }

  private static WorkLock take(Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Optional<WorkLock> lock = WorkLock.tryTake(file);
      while (lock.isEmpty()) {
        Thread.sleep(POLL_MILLISECONDS);
        lock = WorkLock.tryTake(file);
      }
      return lock.get();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new InterruptedIOException("fetching was stopped"));
    }
  }
}
