package org.equipoise.training;

import java.util.Arrays;
import java.util.List;

/** What the learning rate is multiplied by as training goes. */
enum Schedule {
  /** Always 1. */
  CONSTANT("constant"),
  /** From 0 to 1 over the warm-up's share of all epochs, then straight down to 0. */
  LINEAR_WARMUP("linear-warmup"),
  /** Up as before, then down to 0 along half a cosine. */
  COSINE("cosine"),
  /** Multiplied by the decay factor each time that so many epochs are over. */
  STEP("step"),
  /** Likewise, where so many epochs brought nothing better on validation. */
  PLATEAU("plateau");

  private final String id;

  Schedule(String id) {
    this.id = id;
  }

  /** The words that settings take. */
  static List<String> ids() {
    return Arrays.stream(values()).map(schedule -> schedule.id).toList();
  }

  /** The schedule of that word. */
  static Schedule of(String id) {
    return Arrays.stream(values()).filter(s -> s.id.equals(id)).findFirst().orElseThrow();
  }

  /**
   * The factor of a step. It hangs on how far training is and nothing else, so that a resumed run
   * has the same.
   *
   * @param epochs epochs done so far, with the share of the current one that this step completes
   * @param plateaus how often validation has stopped to improve
   */
  double factor(TrainingSettings settings, double epochs, int plateaus) {
    double done = epochs / settings.epochs();
    return switch (this) {
      case CONSTANT -> 1;
      case LINEAR_WARMUP -> warmUp(settings, done, rest -> 1 - rest);
      case COSINE -> warmUp(settings, done, rest -> (1 + Math.cos(Math.PI * rest)) / 2);
      case STEP ->
          // the epoch's last step completes it, and still belongs to it
          Math.pow(
              settings.decayFactor(), Math.floor((Math.ceil(epochs) - 1) / settings.decayEpochs()));
      case PLATEAU -> Math.pow(settings.decayFactor(), plateaus);
    };
  }

  private interface Descent {
    double at(double rest);
  }

  private static double warmUp(TrainingSettings settings, double done, Descent descent) {
    double warmup = settings.warmup();
    return done < warmup ? done / warmup : descent.at((done - warmup) / Math.max(1 - warmup, 1e-9));
  }
}
