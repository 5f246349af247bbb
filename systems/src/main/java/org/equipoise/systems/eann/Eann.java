package org.equipoise.systems.eann;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.equipoise.core.Form;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.config.Setting;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.Network;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.SystemFactory;
import org.equipoise.systems.ViewChoice;
import org.equipoise.systems.layers.GradientReversal;
import org.equipoise.systems.layers.JoinedHead;
import org.equipoise.systems.layers.Linear;
import org.equipoise.systems.layers.TextCnn;
import org.equipoise.systems.losses.CrossEntropy;

/**
 * Event adversarial neural networks (Wang et al., KDD 2018): a TextCNN over the text's tokens and a
 * dense layer over the image make one vector each, from which a detector tells the class. While
 * training, a discriminator tells the post's event from the same vectors behind a reversal of
 * gradients, so that they keep what holds for every event and lose what marks one.
 */
public final class Eann extends Network {
  public static final Setting<Integer> FILTERS =
      Setting.integer(
          "eann.filters", 20, 1, 65536, "Filters of each of the four windows (published code).");
  public static final Setting<Integer> WIDTH =
      Setting.integer(
          "eann.width",
          32,
          1,
          65536,
          "Width of the text's and the image's vector (published code).");
  public static final Setting<Double> LAMBDA =
      Setting.number(
          "eann.lambda",
          1,
          0,
          1000,
          "Factor λ of the reversed gradients of the event discriminator (published code).");
  public static final Setting<String> SCHEDULE =
      Setting.choice(
          "eann.schedule",
          "constant",
          List.of("constant", "rising"),
          "Whether λ is the same in every epoch (published code) or rises as 2 / (1 + exp(−10 p)) −"
              + " 1 with p a hundredth of the finished epochs (commented out there).");

  /** All keys, in the order of the documentation. */
  public static final List<Setting<?>> SETTINGS =
      List.of(ViewChoice.VIEWS, FILTERS, WIDTH, LAMBDA, SCHEDULE);

  private static final List<Integer> WINDOWS = List.of(1, 2, 3, 4);
  private static final float SLOPE = 0.01f;

  private final double lambda;
  private final boolean rising;
  private final Optional<Text> text;
  private final Optional<Image> image;
  private final JoinedHead detector;
  private final Optional<Discriminator> discriminator;

  private record Text(View view, TextCnn convolutions, Linear dense) {}

  private record Image(View view, Linear dense) {}

  private record Discriminator(Linear hidden, Linear out) {}

  /**
   * A network with fresh parameters.
   *
   * @throws org.equipoise.core.WrongUseException if there is neither text nor image, or there are
   *     too few classes
   */
  public Eann(SystemContext context) {
    super(Factory.NAME, new ViewChoice(Factory.NAME, context).textAndImage(), context);
    int width = context.settings().get(WIDTH);
    int filters = context.settings().get(FILTERS);
    lambda = context.settings().get(LAMBDA);
    rising = context.settings().get(SCHEDULE).equals("rising");
    text =
        view(Modality.TEXT)
            .map(
                view ->
                    new Text(
                        view,
                        TextCnn.of(
                            parameters, "text_conv", view.width(), WINDOWS, filters, Eann::leaky),
                        Linear.of(parameters, "text_fc", (long) WINDOWS.size() * filters, width)));
    image =
        view(Modality.IMAGE)
            .map(view -> new Image(view, Linear.of(parameters, "image_fc", view.width(), width)));
    text.ifPresent(branch -> branch(branch.view(), "text_"));
    image.ifPresent(branch -> branch(branch.view(), "image_"));
    Map<String, Long> widths = new LinkedHashMap<>();
    views().forEach(view -> widths.put(view.name(), (long) width));
    detector = new JoinedHead(parameters, "class", widths, context.classes());
    long joined = (long) views().size() * width;
    discriminator =
        context.events() < 2
            ? Optional.empty()
            : Optional.of(
                new Discriminator(
                    Linear.of(parameters, "event_hidden", joined, width),
                    Linear.of(parameters, "event_out", width, context.events())));
  }

  @Override
  public List<String> linearHead() {
    return detector.names();
  }

  @Override
  protected Output forward(Features features, boolean training) {
    Map<String, NDArray> made = new LinkedHashMap<>();
    text.ifPresent(
        branch -> {
          NDArray windows = branch.convolutions().forward(features.of(branch.view()), training);
          made.put(
              branch.view().name(),
              features.representation(branch.view(), leaky(branch.dense().forward(windows))));
        });
    image.ifPresent(
        branch ->
            made.put(
                branch.view().name(),
                features.representation(
                    branch.view(), leaky(branch.dense().forward(features.pooled(branch.view()))))));
    Map<String, NDArray> presence = features.presence();
    return new Output(
        detector.forward(made),
        detector.shares(made, presence),
        presence,
        Map.of(),
        made,
        detector.joined(made),
        Map.of());
  }

  @Override
  public Losses losses(Output output, Targets targets) {
    NDArray detection = CrossEntropy.of(output.logits(), targets.labels());
    Map<String, NDArray> parts = new LinkedHashMap<>();
    parts.put("classification", detection);
    if (discriminator.isEmpty() || targets.events().isEmpty()) {
      return new Losses(detection, parts);
    }
    NDArray event =
        CrossEntropy.ofLabelled(
            eventLogits(output.fused(), lambda(targets.epoch())), targets.events().get());
    parts.put("event", event);
    return new Losses(detection.add(event), parts);
  }

  /** {@code [B, events]}: what the discriminator says of the joined vectors. */
  NDArray eventLogits(NDArray joined, double factor) {
    Discriminator layers = discriminator.orElseThrow();
    NDArray reversed = GradientReversal.of(joined, factor);
    return layers.out().forward(leaky(layers.hidden().forward(reversed)));
  }

  /** λ of an epoch, counted from 1. */
  double lambda(int epoch) {
    return rising ? lambda * (2 / (1 + Math.exp(-10 * (epoch - 1) / 100.0)) - 1) : lambda;
  }

  private static NDArray leaky(NDArray x) {
    return Activation.leakyRelu(x, SLOPE);
  }

  /** Registers it. */
  public record Factory() implements SystemFactory {
    static final String NAME = "EANN";

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public String description() {
      return "Event adversarial neural networks: features that do not tell the event, by a"
          + " discriminator behind a gradient reversal (Wang et al., KDD 2018).";
    }

    @Override
    public List<Setting<?>> settings() {
      return SETTINGS;
    }

    @Override
    public boolean needsEvents() {
      return true;
    }

    @Override
    public Form form() {
      return Form.TOKENS;
    }

    @Override
    public Map<String, String> training() {
      return Map.of(
          "training.learning_rate", "0.001",
          "training.weight_decay", "0",
          "training.batch_size", "100",
          "training.epochs", "100");
    }

    @Override
    public DetectionSystem create(SystemContext context) {
      return new Eann(context);
    }
  }
}
