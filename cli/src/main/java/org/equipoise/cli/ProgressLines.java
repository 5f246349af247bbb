package org.equipoise.cli;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.equipoise.core.Progress;

/** A line every few seconds where nobody watches a terminal: log files, pipes, CI. */
final class ProgressLines implements Progress {
  private static final long SECOND = 1_000_000_000L;
  private static final long BETWEEN_LINES = 3 * SECOND;

  private final PrintStream err;
  private final LongSupplier nanoTime;

  ProgressLines(PrintStream err, LongSupplier nanoTime) {
    this.err = err;
    this.nanoTime = nanoTime;
  }

  @Override
  public Task start(String what, long total) {
    return new Lines(what, total);
  }

  private final class Lines implements Task {
    private final String what;
    private final long total;
    private final long begun = nanoTime.getAsLong();
    private long lastLine = begun;
    private long done;
    private String note = "";
    private boolean closed;

    Lines(String what, long total) {
      this.what = what;
      this.total = total;
    }

    @Override
    public synchronized void step(long count) {
      done += count;
      printWhenDue();
    }

    @Override
    public synchronized void note(String message) {
      note = message;
      printWhenDue();
    }

    @Override
    public synchronized void close() {
      boolean told = lastLine != begun;
      long now = nanoTime.getAsLong();
      // work of a moment needs no line
      if (!closed && (told || now - begun >= SECOND)) {
        err.printf(
            Locale.ROOT,
            "%s: %,d in %s%s%n",
            what,
            done,
            duration((now - begun) / (double) SECOND),
            suffix());
      }
      closed = true;
    }

    private void printWhenDue() {
      long now = nanoTime.getAsLong();
      if (closed || now - lastLine < BETWEEN_LINES) {
        return;
      }
      lastLine = now;
      double rate = done * (double) SECOND / (now - begun);
      StringBuilder line = new StringBuilder(what).append(": ");
      line.append(String.format(Locale.ROOT, "%,d", done));
      if (total > 0) {
        line.append(String.format(Locale.ROOT, " of %,d (%d %%)", total, 100 * done / total));
      }
      line.append(String.format(Locale.ROOT, rate < 10 ? ", %.1f/s" : ", %,.0f/s", rate));
      if (total > done && rate > 0) {
        line.append(", ").append(duration((total - done) / rate)).append(" left");
      }
      err.println(line.append(suffix()));
    }

    private String suffix() {
      return note.isEmpty() ? "" : " - " + note;
    }
  }

  private static String duration(double seconds) {
    if (seconds < 60) {
      return String.format(Locale.ROOT, "%.0f s", seconds);
    }
    long whole = Math.round(seconds);
    return whole < 3600
        ? "%d min %02d s".formatted(whole / 60, whole % 60)
        : "%d h %02d min".formatted(whole / 3600, whole % 3600 / 60);
  }
}
