package org.equipoise.training;

/** Training ran away: the loss is no longer a number. */
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DivergedException(int epoch, TrainingSettings settings) {
    super(
        "training diverged in epoch %d: the loss is no longer a number; try a smaller %s than %s"
            .formatted(epoch, TrainingSettings.LEARNING_RATE.key(), settings.learningRate()));
  }
}
