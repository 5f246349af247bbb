package org.equipoise.encoders;

import java.util.Map;

/** How a job opens its encoders once it knows with how many threads. */
@FunctionalInterface
public interface ExtractorOpening {
  /**
   * Opens the encoders.
   *
   * @param threads for all of them together
   * @param threadsEach how many of them a run of a view's network takes, by view; views that are
   *     not named decide themselves
   */
  StagedExtractor open(int threads, Map<String, Integer> threadsEach);

  /**
   * Chooses how many threads a run of each view's network is to take, before it is opened.
   *
   * @param threads for all of them together
   * @param posts how many are to be encoded, or -1 where unknown
   * @return by view; views that are not named decide themselves
   */
  default Map<String, Integer> chooseThreads(int threads, long posts) {
    return Map.of();
  }

  /** Where networks will run. */
  default EncoderOptions.Device device() {
    return EncoderOptions.Device.CPU;
  }
}
