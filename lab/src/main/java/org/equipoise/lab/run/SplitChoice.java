package org.equipoise.lab.run;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.equipoise.data.Dataset;
import org.equipoise.data.Protocol;
import org.equipoise.data.Splits;
import org.equipoise.data.Splitter;

/** Where a run's training, validation and test posts come from. */
public sealed interface SplitChoice {
  /** The splits of these posts. */
  Splits splits(Dataset data);

  /** A file that {@code data split} wrote. */
  record Stored(Path file) implements SplitChoice {
    @Override
    public Splits splits(Dataset data) {
      Splits splits = Splits.read(file);
      splits.requireOf(data);
      return splits;
    }
  }

  /**
   * Made on the spot.
   *
   * @param protocol empty for the best that the posts allow: published, event- or image-disjoint
   * @param folds 1 for a single division
   * @param testEvents under event-disjoint: the events to test on; empty to choose them
   * @param seed draws what the protocol leaves open
   */
  record Made(Optional<Protocol> protocol, int folds, Set<String> testEvents, long seed)
      implements SplitChoice {
    public Made {
      testEvents = Set.copyOf(testEvents);
    }

    @Override
    public Splits splits(Dataset data) {
      Protocol chosen =
          protocol.orElseGet(
              () ->
                  testEvents.isEmpty() ? Splitter.defaultProtocol(data) : Protocol.EVENT_DISJOINT);
      return Splitter.split(data, new Splitter.Options(chosen, folds, testEvents, seed));
    }
  }
}
