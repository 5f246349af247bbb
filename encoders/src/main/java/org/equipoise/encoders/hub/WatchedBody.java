package org.equipoise.encoders.hub;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** An answer's body that is broken off when too little of it arrives. */
final class WatchedBody extends FilterInputStream {
  private static final ScheduledExecutorService CLOCK =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "hub-watch");
            thread.setDaemon(true);
            return thread;
          });

  private final Patience patience;
  private final AtomicLong count = new AtomicLong();
  private final ScheduledFuture<?> watch;
  private long counted;
  private volatile boolean stalled;

  WatchedBody(InputStream body, Patience patience) {
    super(body);
    this.patience = patience;
    long idle = patience.idle().toMillis();
    watch = CLOCK.scheduleAtFixedRate(this::look, idle, idle, TimeUnit.MILLISECONDS);
  }

  private void look() {
    long now = count.get();
    if (now - counted < patience.leastBytes()) {
      stalled = true;
      watch.cancel(false);
      try {
        in.close();
      } catch (IOException e) {
        // whoever reads it is told below
      }
    }
    counted = now;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int from, int length) throws IOException {
    try {
      int read = in.read(bytes, from, length);
      if (!stalled) {
        count.addAndGet(Math.max(0, read));
        return read;
      }
    } catch (IOException e) {
      if (!stalled) {
        throw failure("the connection was cut", e);
      }
    }
    throw failure(
        "fewer than %,d bytes arrived in %.3g seconds"
            .formatted(patience.leastBytes(), patience.idle().toMillis() / 1000.0),
        null);
  }

  private TransientFailure failure(String what, IOException cause) {
    return new TransientFailure(what + " after " + count.get() + " bytes", cause);
  }

  @Override
  public void close() throws IOException {
    watch.cancel(false);
    in.close();
  }
}
