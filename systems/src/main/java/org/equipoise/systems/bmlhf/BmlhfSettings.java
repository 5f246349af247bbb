package org.equipoise.systems.bmlhf;

import java.util.List;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;

/**
 * Sizes and weights of a BMLHF network.
 *
 * @param width d_k
 * @param heads h, of the cross-transformers
 * @param feedForward width inside a cross-transformer's layer
 * @param layers L, of each cross-transformer
 * @param attention width of the intra-modal scores
 * @param dropout share of numbers dropped while training
 * @param temperature τ of the contrastive loss
 * @param alpha2 weight of the contrastive loss
 */
public record BmlhfSettings(
    int width,
    int heads,
    int feedForward,
    int layers,
    int attention,
    double dropout,
    double temperature,
    double alpha2) {

  public static final Setting<Integer> WIDTH =
      Setting.integer(
          "bmlhf.width", 384, 1, 65536, "Width d_k of every view inside the network (paper).");
  public static final Setting<Integer> HEADS =
      Setting.integer(
          "bmlhf.heads",
          4,
          1,
          1024,
          "Heads of the cross-transformers, a divisor of the width (paper).");
  public static final Setting<Integer> FEED_FORWARD =
      Setting.integer(
          "bmlhf.feed_forward",
          2048,
          1,
          1 << 20,
          "Inner width of a cross-transformer's layer (the paper is silent; fits its count of"
              + " parameters).");
  public static final Setting<Integer> LAYERS =
      Setting.integer(
          "bmlhf.layers",
          3,
          1,
          1000,
          "Layers of each cross-transformer (the paper is silent; fits its count of parameters).");
  public static final Setting<Integer> ATTENTION =
      Setting.integer(
          "bmlhf.attention",
          192,
          1,
          65536,
          "Inner width of the scores that weigh a modality's views (the paper is silent; half the"
              + " width).");
  public static final Setting<Double> DROPOUT =
      Setting.number(
          "bmlhf.dropout",
          0.1,
          0,
          0.99,
          "Share of numbers dropped while training (the paper is silent; the usual value).");
  public static final Setting<Double> TEMPERATURE =
      Setting.number(
          "bmlhf.temperature", 0.5, 0.001, 1000, "Temperature of the contrastive loss (paper).");
  public static final Setting<Double> ALPHA2 =
      Setting.number("bmlhf.alpha2", 0.5, 0, 1000, "Weight of the contrastive loss (paper).");

  /** All keys, in the order of the documentation. */
  public static final List<Setting<?>> ALL =
      List.of(WIDTH, HEADS, FEED_FORWARD, LAYERS, ATTENTION, DROPOUT, TEMPERATURE, ALPHA2);

  public BmlhfSettings {
    if (width % heads != 0) {
      throw new WrongUseException(
          "%s %d does not divide by %s %d".formatted(WIDTH.key(), width, HEADS.key(), heads));
    }
  }

  /** The values of a configuration. */
  public static BmlhfSettings of(Settings settings) {
    return new BmlhfSettings(
        settings.get(WIDTH),
        settings.get(HEADS),
        settings.get(FEED_FORWARD),
        settings.get(LAYERS),
        settings.get(ATTENTION),
        settings.get(DROPOUT),
        settings.get(TEMPERATURE),
        settings.get(ALPHA2));
  }
}
