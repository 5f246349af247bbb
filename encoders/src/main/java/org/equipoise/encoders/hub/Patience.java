package org.equipoise.encoders.hub;

import java.time.Duration;

/**
 * How long a hub is waited for.
 *
 * @param connect until a connection stands
 * @param idle until an answer begins, and the time in which {@code leastBytes} must arrive
 * @param leastBytes a transfer that brings fewer within {@code idle} is broken off and resumed
 * @param attempts how often one thing is tried without any progress before it fails
 * @param firstPause before the second attempt; doubled before each further one
 * @param longestPause the most that doubling leads to
 * @param longestAsked the most that a hub may ask to wait by {@code Retry-After}
 */
public record Patience(
    Duration connect,
    Duration idle,
    long leastBytes,
    int attempts,
    Duration firstPause,
    Duration longestPause,
    Duration longestAsked) {
  /** What holds where nothing is set. */
  public static final Patience DEFAULT =
      new Patience(
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          1 << 14,
          6,
          Duration.ofSeconds(1),
          Duration.ofSeconds(30),
          Duration.ofMinutes(5));

  /** The same with another time for an answer and for {@code leastBytes}. */
  public Patience withIdle(Duration time) {
    return new Patience(
        connect, time, leastBytes, attempts, firstPause, longestPause, longestAsked);
  }
}
