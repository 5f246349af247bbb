package org.equipoise.encoders.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Something that may go well when it is tried again. */
final class TransientFailure extends IOException {
  private static final long serialVersionUID = 1L;

  /** How long the hub asks to wait; null where it does not say. */
  private final Duration asked;

  /** As how many failures it counts. */
  private final int weight;

  /** Whether more was brought than by any attempt before. */
  private final boolean progress;

  private TransientFailure(
      String message, Throwable cause, Duration asked, int weight, boolean progress) {
    super(message, cause);
    this.asked = asked;
    this.weight = weight;
    this.progress = progress;
  }

  TransientFailure(String message, Throwable cause) {
    this(message, cause, null, 1, false);
  }

  TransientFailure(String message, Optional<Duration> asked) {
    this(message, null, asked.orElse(null), 1, false);
  }

  /** No connection at all: where there is no network, more attempts seldom find one. */
  static TransientFailure unreachable(String message, Throwable cause) {
    return new TransientFailure(message, cause, null, 2, false);
  }

  /** The same, though something was gained. */
  TransientFailure withProgress() {
    return new TransientFailure(getMessage(), getCause(), asked, weight, true);
  }

  Optional<Duration> asked() {
    return Optional.ofNullable(asked);
  }

  int weight() {
    return weight;
  }

  boolean progress() {
    return progress;
  }
}
