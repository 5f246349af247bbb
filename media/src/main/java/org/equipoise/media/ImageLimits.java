package org.equipoise.media;

import java.time.Duration;
import java.util.Objects;
import org.equipoise.media.BrokenImageException.Reason;

/**
 * What one picture may cost.
 *
 * @param bytes the longest file that is read
 * @param pixels the most pixels (width times height) that are decoded; compared with what the
 *     file's header says before anything of that size is allocated
 * @param time how long one decode may take before it is stopped
 */
public record ImageLimits(long bytes, long pixels, Duration time) {
  /** 128 MiB, 100 million pixels, 20 seconds. */
  public static final ImageLimits DEFAULT =
      new ImageLimits(128L << 20, 100_000_000L, Duration.ofSeconds(20));

  /** No array of pixels can be longer than this, three bytes each. */
  private static final long MOST_PIXELS = (Integer.MAX_VALUE - 8) / 4;

  /**
   * @throws IllegalArgumentException if a limit is not positive, or beyond what a Java array holds
   */
  public ImageLimits {
    Objects.requireNonNull(time, "time");
    if (bytes < 1 || bytes > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException("bytes must be from 1 to 2,147,483,639, not " + bytes);
    }
    if (pixels < 1 || pixels > MOST_PIXELS) {
      throw new IllegalArgumentException(
          "pixels must be from 1 to " + MOST_PIXELS + ", not " + pixels);
    }
    if (time.isNegative() || time.isZero()) {
      throw new IllegalArgumentException("time must be positive, not " + time);
    }
  }

  /**
   * Called with what a header says, before anything of that size is allocated.
   *
   * @throws BrokenImageException if there is nothing to see, or too much
   */
  void check(long width, long height) throws BrokenImageException {
    if (width < 1 || height < 1) {
      throw new BrokenImageException(
          Reason.BROKEN, "its header says %d x %d pixels".formatted(width, height));
    }
    if (width > pixels / height) {
      throw new BrokenImageException(
          Reason.TOO_LARGE,
          "its header says %,d x %,d pixels; at most %,d in all are decoded"
              .formatted(width, height, pixels));
    }
  }
}
