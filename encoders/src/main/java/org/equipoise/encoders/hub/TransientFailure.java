package org.equipoise.encoders.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Something that may go well when it is tried again. */
final class TransientFailure extends IOException {
  private static final long serialVersionUID = 1L;

  /** How long the hub asks to wait; null where it does not say. */
  private final Duration asked;

  /** Whether bytes arrived before it. */
  private final boolean progress;

  /** As how many failures it counts. */
  private final int weight;

  TransientFailure(String message, boolean progress, Throwable cause) {
    super(message, cause);
    this.asked = null;
    this.progress = progress;
    this.weight = 1;
  }

  TransientFailure(String message, Optional<Duration> asked) {
    super(message);
    this.asked = asked.orElse(null);
    this.progress = false;
    this.weight = 1;
  }

  private TransientFailure(String message, Throwable cause, int weight) {
    super(message, cause);
    this.asked = null;
    this.progress = false;
    this.weight = weight;
  }

  /** No connection at all: where there is no network, more attempts seldom find one. */
  static TransientFailure unreachable(String message, Throwable cause) {
    return new TransientFailure(message, cause, 2);
  }

  Optional<Duration> asked() {
    return Optional.ofNullable(asked);
  }

  boolean progress() {
    return progress;
  }

  int weight() {
    return weight;
  }
}
