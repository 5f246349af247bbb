package org.equipoise.cli;

import java.io.PrintStream;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.equipoise.core.Progress;

/** A bar with rate and time left on a terminal. */
final class ProgressBars implements Progress {
  private static final int REDRAW_MILLISECONDS = 200;
  private static final int WIDTH = 100;

  private final PrintStream err;

  ProgressBars(PrintStream err) {
    this.err = err;
  }

  @Override
  public Task start(String what, long total) {
    ProgressBarStyle style = onWindows() ? ProgressBarStyle.ASCII : ProgressBarStyle.UNICODE_BLOCK;
    ProgressBar bar =
        new ProgressBarBuilder()
            .setTaskName(what)
            .setInitialMax(total)
            .setStyle(style)
            .setUpdateIntervalMillis(REDRAW_MILLISECONDS)
            .showSpeed()
            .setConsumer(new ConsoleProgressBarConsumer(err, WIDTH))
            .build();
    return new Task() {
      @Override
      public void step(long count) {
        bar.stepBy(count);
      }

      @Override
      public void note(String message) {
        bar.setExtraMessage(message);
      }

      @Override
      public void close() {
        bar.close();
      }
    };
  }

  private static boolean onWindows() {
    return System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");
  }
}
