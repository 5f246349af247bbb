package org.equipoise.training;

import java.util.List;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;

/**
 * How a system is trained; see the constants for what each number means.
 *
 * @param epochs most passes over the training posts
 * @param batchSize posts per step
 * @param learningRate η
 * @param weightDecay λ
 * @param patience epochs without a better validation macro-F1 after which training stops
 * @param modalityDropout how often a modality of a post is hidden
 * @param seed decides initial parameters, order of posts, dropout
 */
public record TrainingSettings(
    int epochs,
    int batchSize,
    double learningRate,
    double weightDecay,
    int patience,
    double modalityDropout,
    long seed) {

  public static final Setting<Integer> EPOCHS =
      Setting.integer(
          "training.epochs", 100, 1, 100_000, "Most passes over the training posts (paper: 100)");

  public static final Setting<Integer> BATCH_SIZE =
      Setting.integer(
          "training.batch_size",
          64,
          1,
          65_536,
          "Posts per step (the paper is silent; decided: 64)");

  public static final Setting<Double> LEARNING_RATE =
      Setting.number(
          "training.learning_rate", 0.001, 0, 10, "Adam's learning rate η (paper: 0.001)");

  public static final Setting<Double> WEIGHT_DECAY =
      Setting.number(
          "training.weight_decay",
          0.001,
          0,
          10,
          "L2 decay, added to the gradient of every parameter (paper: 0.001)");

  public static final Setting<Integer> PATIENCE =
      Setting.integer(
          "training.patience",
          10,
          1,
          100_000,
          "Epochs without a better validation macro-F1 after which training stops");

  public static final Setting<Double> MODALITY_DROPOUT =
      Setting.number(
          "training.modality_dropout",
          0,
          0,
          1,
          "How often one modality of a training post that has several is hidden, so that the network"
              + " learns to do without (paper: 0)");

  public static final Setting<Long> SEED =
      Setting.seed(
          "training.seed", 1, "Decides initial parameters, the order of posts, and dropout");

  /** All keys of this part of the configuration. */
  public static List<Setting<?>> settings() {
    return List.of(
        EPOCHS, BATCH_SIZE, LEARNING_RATE, WEIGHT_DECAY, PATIENCE, MODALITY_DROPOUT, SEED);
  }

  /** The values of a resolved configuration. */
  public static TrainingSettings of(Settings settings) {
    return new TrainingSettings(
        settings.get(EPOCHS),
        settings.get(BATCH_SIZE),
        settings.get(LEARNING_RATE),
        settings.get(WEIGHT_DECAY),
        settings.get(PATIENCE),
        settings.get(MODALITY_DROPOUT),
        settings.get(SEED));
  }
}
