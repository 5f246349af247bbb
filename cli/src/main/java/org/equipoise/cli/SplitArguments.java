package org.equipoise.cli;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.equipoise.data.Protocol;
import picocli.CommandLine.Option;

/** Who is in the test set: every option of {@code data split}. */
final class SplitArguments {
  /** What decides where no seed is given, so that the same command gives the same split. */
  static final long DEFAULT_SEED = 1;

  @Option(
      names = "--protocol",
      paramLabel = "P",
      description =
          "published, random, image-disjoint, event-disjoint or chronological (default: published"
              + " where the authors set test posts apart, else event-disjoint, else"
              + " image-disjoint).")
  private String protocol;

  @Option(
      names = "--folds",
      paramLabel = "k",
      description = "So many test sets that together are all posts (default: one of 20 %%).")
  private int folds = 1;

  @Option(
      names = "--test-events",
      paramLabel = "event",
      split = ",",
      description = "The events to test on, under event-disjoint.")
  private List<String> testEvents = List.of();

  @Option(
      names = "--seed",
      paramLabel = "s",
      description = "Draws what the protocol leaves open; train draws from it too (default: 1).")
  private Long seed;

  /**
   * The protocol that was asked for; named events ask for {@code event-disjoint}.
   *
   * @throws org.equipoise.core.WrongUseException if there is none of that name
   */
  Optional<Protocol> protocol() {
    return protocol == null && !testEvents.isEmpty()
        ? Optional.of(Protocol.EVENT_DISJOINT)
        : Optional.ofNullable(protocol).map(Protocol::of);
  }

  int folds() {
    return folds;
  }

  Set<String> testEvents() {
    return new LinkedHashSet<>(testEvents.stream().map(String::strip).toList());
  }

  long seed() {
    return seed == null ? DEFAULT_SEED : seed;
  }

  /** The seed, if one was given. */
  OptionalLong givenSeed() {
    return seed == null ? OptionalLong.empty() : OptionalLong.of(seed);
  }

  /** Whether anything was asked that a file of splits has decided already. */
  boolean anythingAsked() {
    return protocol != null || folds != 1 || !testEvents.isEmpty();
  }
}
