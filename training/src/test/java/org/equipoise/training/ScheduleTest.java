package org.equipoise.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.equipoise.core.config.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleTest {
  private static TrainingSettings settings(String schedule) {
    Settings settings = Configuration.schema().defaults();
    for (String override :
        new String[] {
          "training.schedule=" + schedule,
          "training.epochs=100",
          "training.warmup=0.1",
          "training.decay_factor=0.1",
          "training.decay_epochs=30"
        }) {
      settings = Configuration.schema().override(settings, override);
    }
    return TrainingSettings.of(settings);
  }

  @ParameterizedTest
  @CsvSource({
    "constant, 0.01, 1",
    "constant, 100, 1",
    "linear-warmup, 5, 0.5",
    "linear-warmup, 10, 1",
    "linear-warmup, 55, 0.5",
    "linear-warmup, 100, 0",
    "cosine, 5, 0.5",
    "cosine, 10, 1",
    "cosine, 55, 0.5",
    "cosine, 100, 0",
    "step, 0.5, 1",
    "step, 30, 1",
    "step, 30.01, 0.1",
    "step, 60, 0.1",
    "step, 90.5, 0.001"
  })
  void theRateFollowsHowFarTrainingIs(String schedule, double epochs, double factor) {
    assertThat(settings(schedule).rateFactor(epochs, 0)).isCloseTo(factor, within(1e-9));
  }

  @Test
  void aPlateauLowersTheRateEachTimeThatValidationHasNotImprovedForLong() {
    TrainingSettings settings = settings("plateau");
    Checkpoint.State state = Checkpoint.State.START.after(1, 0.5, settings);
    for (int epoch = 2; epoch <= 9; epoch++) {
      state = state.after(epoch, 0.4, ofThreeEpochs());
    }
    // the best is epoch 1: nothing better after 3 and after 6 more
    assertThat(state.plateaus()).isEqualTo(2);
    assertThat(settings.rateFactor(9.5, state.plateaus())).isCloseTo(0.01, within(1e-9));
  }

  private static TrainingSettings ofThreeEpochs() {
    Settings settings = Configuration.schema().defaults();
    settings = Configuration.schema().override(settings, "training.schedule=plateau");
    settings = Configuration.schema().override(settings, "training.decay_epochs=3");
    return TrainingSettings.of(settings);
  }
}
