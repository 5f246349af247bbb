package org.equipoise.media;

import java.io.IOException;
import java.time.Duration;

/** When one decode must be done. */
final class Deadline {
  private final long end;

  private Deadline(long end) {
    this.end = end;
  }

  static Deadline in(Duration time) {
    // Beyond 146 years, half the range of nanoTime, differences would change their sign.
    long nanos = time.compareTo(Duration.ofDays(36_500)) < 0 ? time.toNanos() : Long.MAX_VALUE / 2;
    return new Deadline(System.nanoTime() + nanos);
  }

  boolean passed() {
    return System.nanoTime() - end >= 0;
  }

  /**
   * @throws PassedException if the time is over
   */
  void check() throws PassedException {
    if (passed()) {
      throw new PassedException();
    }
  }

  /** An {@link IOException}, so that it passes through the platform's decoders. */
  static final class PassedException extends IOException {
    private static final long serialVersionUID = 1L;
  }
}
