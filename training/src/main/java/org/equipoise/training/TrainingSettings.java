package org.equipoise.training;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;
import org.equipoise.training.optimizer.Adam;
import org.equipoise.training.optimizer.AdamW;
import org.equipoise.training.optimizer.AmsGrad;
import org.equipoise.training.optimizer.Optimizer;
import org.equipoise.training.optimizer.Sgd;

/**
 * How a system is trained; see the constants for what each number means.
 *
 * @param epochs most passes over the training posts
 * @param batchSize posts per step
 * @param learningRate η
 * @param weightDecay λ
 * @param patience epochs without a better validation macro-F1 after which training stops
 * @param optimizer adam, amsgrad, adamw or sgd
 * @param momentum μ of sgd
 * @param schedule how the learning rate changes
 * @param warmup share of all epochs over which the rate rises
 * @param decayFactor what a step or plateau multiplies the rate by
 * @param decayEpochs epochs of a step, or without improvement until a plateau
 * @param clipNorm the largest norm that all gradients together may have; 0 for any
 * @param accumulate batches whose gradients are averaged for a step
 * @param modalityDropout how often a modality of a post is hidden
 * @param seed decides initial parameters, order of posts, dropout
 */
public record TrainingSettings(
    int epochs,
    int batchSize,
    double learningRate,
    double weightDecay,
    int patience,
    String optimizer,
    double momentum,
    String schedule,
    double warmup,
    double decayFactor,
    int decayEpochs,
    double clipNorm,
    int accumulate,
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
          "training.learning_rate", 0.001, 0, 10, "The optimiser's learning rate η (paper: 0.001)");

  public static final Setting<Double> WEIGHT_DECAY =
      Setting.number(
          "training.weight_decay",
          0.001,
          0,
          10,
          "L2 decay, added to the gradient of every parameter; with adamw it shrinks the weight matrices"
              + " themselves (paper: 0.001)");

  public static final Setting<Integer> PATIENCE =
      Setting.integer(
          "training.patience",
          10,
          1,
          100_000,
          "Epochs without a better validation macro-F1 after which training stops");

  public static final Setting<String> OPTIMIZER =
      Setting.choice(
          "training.optimizer",
          "adam",
          List.of("adam", "amsgrad", "adamw", "sgd"),
          "How parameters follow their gradients (paper: adam)");

  public static final Setting<Double> MOMENTUM =
      Setting.number("training.momentum", 0.9, 0, 1, "Momentum of sgd (the usual value)");

  public static final Setting<String> SCHEDULE =
      Setting.choice(
          "training.schedule",
          "constant",
          Schedule.ids(),
          "How the learning rate changes: not at all; up from 0 and straight down to 0; up and down"
              + " along a cosine; in steps; or where validation stops to improve");

  public static final Setting<Double> WARMUP =
      Setting.number(
          "training.warmup",
          0.1,
          0,
          1,
          "Share of training.epochs over which linear-warmup and cosine raise the rate");

  public static final Setting<Double> DECAY_FACTOR =
      Setting.number(
          "training.decay_factor", 0.1, 0, 1, "What step and plateau multiply the rate by");

  public static final Setting<Integer> DECAY_EPOCHS =
      Setting.integer(
          "training.decay_epochs",
          5,
          1,
          100_000,
          "Epochs after which step lowers the rate; epochs without a better validation macro-F1"
              + " after which plateau does");

  public static final Setting<Double> CLIP_NORM =
      Setting.number(
          "training.clip_norm",
          0,
          0,
          1e9,
          "Largest norm of all gradients together; larger ones are scaled down to it, 0 leaves them");

  public static final Setting<Integer> ACCUMULATE =
      Setting.integer(
          "training.accumulate", 1, 1, 100_000, "Batches whose mean gradient makes one step");

  public static final Setting<Integer> PSEUDO_EVENTS =
      Setting.integer(
          "training.pseudo_events",
          10,
          2,
          100_000,
          "Clusters of the training posts' texts that stand for events where a system needs them and"
              + " the data has none (EANN's authors: 10)");

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
        EPOCHS,
        BATCH_SIZE,
        LEARNING_RATE,
        WEIGHT_DECAY,
        PATIENCE,
        OPTIMIZER,
        MOMENTUM,
        SCHEDULE,
        WARMUP,
        DECAY_FACTOR,
        DECAY_EPOCHS,
        CLIP_NORM,
        ACCUMULATE,
        PSEUDO_EVENTS,
        MODALITY_DROPOUT,
        SEED);
  }

  /** An optimiser for these parameters that has not stepped yet. */
  public Optimizer optimizer(Map<String, NDArray> parameters, int threads) {
    return switch (optimizer) {
      case "amsgrad" -> new AmsGrad(parameters, learningRate, weightDecay, threads);
      case "adamw" -> new AdamW(parameters, learningRate, weightDecay, threads);
      case "sgd" -> new Sgd(parameters, learningRate, weightDecay, momentum, threads);
      default -> new Adam(parameters, learningRate, weightDecay, threads);
    };
  }

  /** What the learning rate of a step is multiplied by; arguments as of {@link Schedule#factor}. */
  double rateFactor(double epochsDone, int plateaus) {
    return Schedule.of(schedule).factor(this, epochsDone, plateaus);
  }

  /** The values of a resolved configuration. */
  public static TrainingSettings of(Settings settings) {
    return new TrainingSettings(
        settings.get(EPOCHS),
        settings.get(BATCH_SIZE),
        settings.get(LEARNING_RATE),
        settings.get(WEIGHT_DECAY),
        settings.get(PATIENCE),
        settings.get(OPTIMIZER),
        settings.get(MOMENTUM),
        settings.get(SCHEDULE),
        settings.get(WARMUP),
        settings.get(DECAY_FACTOR),
        settings.get(DECAY_EPOCHS),
        settings.get(CLIP_NORM),
        settings.get(ACCUMULATE),
        settings.get(MODALITY_DROPOUT),
        settings.get(SEED));
  }
}
