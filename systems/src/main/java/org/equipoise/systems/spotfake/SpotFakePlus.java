package org.equipoise.systems.spotfake;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.equipoise.core.Form;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.Network;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.SystemFactory;
import org.equipoise.systems.ViewChoice;
import org.equipoise.systems.layers.BatchNorm;
import org.equipoise.systems.layers.Concatenation;
import org.equipoise.systems.layers.DenseStack;
import org.equipoise.systems.layers.Dropout;
import org.equipoise.systems.layers.Linear;
import org.equipoise.systems.layers.Probe;
import org.equipoise.systems.losses.CrossEntropy;
import org.equipoise.systems.losses.ProbeLoss;
import org.equipoise.systems.losses.WeightPenalty;

/**
 * SpotFake+ (Singhal et al., AAAI 2020): features of pre-trained encoders pass three dense layers
 * and a batch normalisation for text and for images, and joined three more to the classes, under a
 * penalty on every weight but the last layer's.
 */
public final class SpotFakePlus extends Network {
  public static final Setting<String> TEXT =
      Setting.choice(
          "spotfake_plus.text",
          "pooled",
          List.of("pooled", "flattened"),
          "Whether the text's tokens are averaged (decided: 38 of 49 million parameters read their"
              + " flattened form) or laid end to end (published code).");
  public static final Setting<Integer> TOKENS =
      Setting.integer(
          "spotfake_plus.tokens",
          50,
          1,
          65536,
          "How many tokens are laid end to end, the rest zeros or cut off (published code).");
  public static final Setting<List<Integer>> TEXT_WIDTHS =
      Setting.integers(
          "spotfake_plus.text_widths",
          List.of(1000, 500, 100),
          1,
          65536,
          "Widths of the text's dense layers (published code).");
  public static final Setting<List<Integer>> IMAGE_WIDTHS =
      Setting.integers(
          "spotfake_plus.image_widths",
          List.of(2000, 1000, 100),
          1,
          65536,
          "Widths of the image's dense layers (published code); the last is the text's last.");
  public static final Setting<List<Integer>> HEAD_WIDTHS =
      Setting.integers(
          "spotfake_plus.head_widths",
          List.of(200, 100, 50),
          1,
          65536,
          "Widths of the dense layers on both (published code).");
  public static final Setting<Double> DROPOUT =
      Setting.number(
          "spotfake_plus.dropout",
          0.4,
          0,
          0.99,
          "Share of numbers dropped after each branch and before the last layer (published code).");
  public static final Setting<Double> PENALTY =
      Setting.number(
          "spotfake_plus.penalty",
          0.01,
          0,
          1000,
          "Factor of the sum of squared weights of every dense layer but the last (published code).");

  /** All keys, in the order of the documentation. */
  public static final List<Setting<?>> SETTINGS =
      List.of(
          ViewChoice.VIEWS, TEXT, TOKENS, TEXT_WIDTHS, IMAGE_WIDTHS, HEAD_WIDTHS, DROPOUT, PENALTY);

  private static final float EPS = 1e-3f;
  private static final float MOMENTUM = 0.01f;

  private final Map<View, Branch> branches = new LinkedHashMap<>();
  private final DenseStack head;
  private final Linear classifier;
  private final Probe probe;
  private final Dropout dropout;
  private final double penalty;
  private final boolean flattened;
  private final int tokens;

  private record Branch(DenseStack layers, BatchNorm norm) {}

  /**
   * A network with fresh parameters.
   *
   * @throws WrongUseException if there is neither text nor image, too few classes, or widths do not
   *     fit each other
   */
  public SpotFakePlus(SystemContext context) {
    super(Factory.NAME, choose(context), context);
    Settings settings = context.settings();
    flattened = settings.get(TEXT).equals("flattened");
    tokens = settings.get(TOKENS);
    dropout = new Dropout(settings.get(DROPOUT).floatValue());
    penalty = settings.get(PENALTY);
    int width = last(settings, TEXT_WIDTHS);
    for (View view : views()) {
      String name = view.modality().id();
      boolean text = view.modality() == Modality.TEXT;
      branches.put(
          view,
          new Branch(
              new DenseStack(
                  parameters,
                  name,
                  text && flattened ? (long) tokens * view.width() : view.width(),
                  settings.get(text ? TEXT_WIDTHS : IMAGE_WIDTHS)),
              new BatchNorm(parameters, name + "_norm", width, EPS, MOMENTUM)));
      branch(view, name + ".", name + "_norm.");
    }
    head =
        new DenseStack(
            parameters, "head", (long) views().size() * width, settings.get(HEAD_WIDTHS));
    classifier = Linear.of(parameters, "class", last(settings, HEAD_WIDTHS), context.classes());
    probe =
        new Probe(parameters, views().stream().map(View::name).toList(), width, context.classes());
  }

  private static List<View> choose(SystemContext context) {
    Settings settings = context.settings();
    if (last(settings, TEXT_WIDTHS) != last(settings, IMAGE_WIDTHS)) {
      throw new WrongUseException(
          "%s %s and %s %s end in different widths"
              .formatted(
                  TEXT_WIDTHS.key(),
                  settings.get(TEXT_WIDTHS),
                  IMAGE_WIDTHS.key(),
                  settings.get(IMAGE_WIDTHS)));
    }
    last(settings, HEAD_WIDTHS);
    return new ViewChoice(Factory.NAME, context).textAndImage();
  }

  private static int last(Settings settings, Setting<List<Integer>> widths) {
    List<Integer> all = settings.get(widths);
    if (all.isEmpty()) {
      throw new WrongUseException(widths.key() + " is empty, needs at least one width");
    }
    return all.get(all.size() - 1);
  }

  @Override
  protected Output forward(Features features, boolean training) {
    Map<String, NDArray> made = new LinkedHashMap<>();
    branches.forEach(
        (view, branch) ->
            made.put(
                view.name(),
                features.representation(
                    view,
                    branch
                        .norm()
                        .forward(branch.layers().forward(read(features, view)), training))));
    NDArray joined =
        Concatenation.of(made.values().stream().map(r -> dropout.forward(r, training)).toList(), 1);
    NDArray fused = head.forward(joined);
    Map<String, NDArray> presence = features.presence();
    return new Output(
        classifier.forward(dropout.forward(fused, training)),
        probe.forward(made, presence),
        presence,
        Map.of(),
        made,
        fused,
        Map.of());
  }

  /** {@code [B, d]}, or of flattened text {@code [B, tokens · d]}. */
  private NDArray read(Features features, View view) {
    if (view.modality() != Modality.TEXT || !flattened) {
      return features.pooled(view);
    }
    return features.flattened(view, tokens);
  }

  @Override
  public Losses losses(Output output, Targets targets) {
    NDArray classification = CrossEntropy.of(output.logits(), targets.labels());
    NDArray weights =
        WeightPenalty.of(
            output.logits().getManager(),
            parameters.byName().entrySet().stream()
                .filter(each -> each.getKey().matches("(text|image|head)\\.\\d+\\.weight"))
                .map(Map.Entry::getValue)
                .toList(),
            penalty);
    NDArray measured = ProbeLoss.of(output.viewLogits(), targets.labels());
    Map<String, NDArray> parts = new LinkedHashMap<>();
    parts.put("classification", classification);
    parts.put("penalty", weights);
    parts.put("probe", measured);
    return new Losses(classification.add(weights).add(measured), parts);
  }

  /** Registers it. */
  public record Factory() implements SystemFactory {
    static final String NAME = "SpotFake+";

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public String description() {
      return "Dense transfer branches for text and images, joined in a dense head, under a penalty"
          + " on their weights (Singhal et al., AAAI 2020).";
    }

    @Override
    public List<Setting<?>> settings() {
      return SETTINGS;
    }

    @Override
    public Form form() {
      return Form.POOLED;
    }

    @Override
    public Map<String, String> training() {
      return Map.of(
          "training.learning_rate", "0.0001",
          "training.weight_decay", "0",
          "training.batch_size", "32",
          "training.epochs", "100");
    }

    @Override
    public DetectionSystem create(SystemContext context) {
      return new SpotFakePlus(context);
    }
  }
}
