package org.equipoise.systems.hmcan;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.equipoise.core.Form;
import org.equipoise.core.Kind;
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
import org.equipoise.systems.layers.Dropout;
import org.equipoise.systems.layers.Linear;
import org.equipoise.systems.layers.MultiHeadAttention;
import org.equipoise.systems.layers.Probe;
import org.equipoise.systems.layers.Scaling;
import org.equipoise.systems.layers.SinusoidalPositions;
import org.equipoise.systems.layers.Tokens;
import org.equipoise.systems.layers.TransformerLayer;
import org.equipoise.systems.losses.CrossEntropy;
import org.equipoise.systems.losses.ProbeLoss;

/**
 * Hierarchical multi-modal contextual attention (Qian et al., SIGIR 2021): a transformer for each
 * modality reads its own tokens and is then asked by the other modality's; this is done for every
 * group of the text encoder's layers, with the same two transformers, and the verdict reads all
 * groups.
 */
public final class Hmcan extends Network {
  public static final Setting<Integer> WIDTH =
      Setting.integer("hmcan.width", 768, 2, 65536, "Width of every token (published code).");
  public static final Setting<Integer> HEADS =
      Setting.integer(
          "hmcan.heads",
          12,
          1,
          1024,
          "Heads of the attention, a divisor of the width (published code).");
  public static final Setting<Integer> HIDDEN =
      Setting.integer(
          "hmcan.hidden", 256, 1, 65536, "The classifier's inner width (published code).");
  public static final Setting<Double> ALPHA =
      Setting.number(
          "hmcan.alpha",
          0.7,
          0,
          1,
          "The text's share of a group's context, the image has the rest (FaKnow; the published code"
              + " is run with 0.5).");
  public static final Setting<Double> DROPOUT =
      Setting.number(
          "hmcan.dropout",
          0.1,
          0,
          0.99,
          "Share of numbers dropped within the transformers (published code).");

  /** All keys, in the order of the documentation. */
  public static final List<Setting<?>> SETTINGS =
      List.of(ViewChoice.VIEWS, WIDTH, HEADS, HIDDEN, ALPHA, DROPOUT);

  /** Begins the names of the dense layers that bring views to one width. */
  static final String PROJECTION = "project.";

  private final double alpha;
  private final SinusoidalPositions positions;
  private final Map<View, Linear> projections = new LinkedHashMap<>();
  private final Map<Modality, Transformer> transformers = new LinkedHashMap<>();
  private final Linear hidden;
  private final BatchNorm norm;
  private final Linear out;
  private final Probe probe;

  /** One modality's; what the other modality asks is there with both modalities alone. */
  private record Transformer(
      UnbiasedNorm norm, TransformerLayer own, Optional<TransformerLayer> asked) {}

  /**
   * A network with fresh parameters.
   *
   * @throws WrongUseException if there is neither text nor image, too few classes, or the width
   *     does not divide by the heads
   */
  public Hmcan(SystemContext context) {
    super(Factory.NAME, choose(context), context);
    Settings settings = context.settings();
    int width = settings.get(WIDTH);
    alpha = settings.get(ALPHA);
    positions = SinusoidalPositions.single(width);
    for (View view : views()) {
      String projection = PROJECTION + view.name();
      projections.put(view, Linear.of(parameters, projection, view.width(), width));
    }
    List<Modality> modalities = views().stream().map(View::modality).distinct().toList();
    for (Modality modality : modalities) {
      String name = modality.id();
      transformers.put(
          modality,
          new Transformer(
              new UnbiasedNorm(parameters, name + ".norm", width),
              layer(name + ".self", settings),
              modalities.size() < 2
                  ? Optional.empty()
                  : Optional.of(layer(name + ".cross", settings))));
    }
    for (View view : views()) {
      String own = PROJECTION + view.name() + ".";
      String name = view.modality().id();
      // what several groups of a modality share is listed once, with the first
      boolean first = view(view.modality()).orElseThrow().equals(view);
      branch(
          view, first ? new String[] {own, name + ".norm.", name + ".self."} : new String[] {own});
    }
    long groups = Math.max(1, views(Modality.TEXT).size());
    int hiddenWidth = settings.get(HIDDEN);
    hidden = Linear.of(parameters, "class_hidden", groups * modalities.size() * width, hiddenWidth);
    norm = new BatchNorm(parameters, "class_norm", hiddenWidth);
    out = Linear.of(parameters, "class", hiddenWidth, context.classes());
    probe =
        new Probe(parameters, views().stream().map(View::name).toList(), width, context.classes());
  }

  private static List<View> choose(SystemContext context) {
    int width = context.settings().get(WIDTH);
    int heads = context.settings().get(HEADS);
    if (width % heads != 0) {
      throw new WrongUseException(
          "%s %d does not divide by %s %d".formatted(WIDTH.key(), width, HEADS.key(), heads));
    }
    ViewChoice choice = new ViewChoice(Factory.NAME, context);
    List<View> views = new ArrayList<>(choice.views(Modality.TEXT, Kind.PATTERN));
    choice.view(Modality.IMAGE, Kind.PATTERN).ifPresent(views::add);
    return views;
  }

  private TransformerLayer layer(String name, Settings settings) {
    int width = settings.get(WIDTH);
    return new TransformerLayer(
        new MultiHeadAttention(parameters, name, width, settings.get(HEADS)),
        new UnbiasedNorm(parameters, name + ".norm1", width)::forward,
        Linear.of(parameters, name + ".ff1", width, width),
        Linear.of(parameters, name + ".ff2", width, width),
        new UnbiasedNorm(parameters, name + ".norm2", width)::forward,
        new Dropout(settings.get(DROPOUT).floatValue()));
  }

  private List<View> views(Modality modality) {
    return views().stream().filter(view -> view.modality() == modality).toList();
  }

  @Override
  protected Output forward(Features features, boolean training) {
    Map<String, Tokens> projected = new LinkedHashMap<>();
    projections.forEach(
        (view, projection) -> {
          Tokens tokens = features.of(view);
          projected.put(view.name(), tokens.with(projection.forward(tokens.values())));
        });
    return read(new Features(projected, features.keep()), training);
  }

  /** Scores tokens of one width. */
  Output read(Features features, boolean training) {
    Map<View, Tokens> own = new LinkedHashMap<>();
    Map<String, NDArray> made = new LinkedHashMap<>();
    for (View view : views()) {
      Tokens context = context(features, view, training);
      own.put(view, context);
      made.put(view.name(), features.representation(view, context.mean()));
    }
    List<NDArray> contexts = contexts(features, own, made, training);
    Map<String, NDArray> stages = new LinkedHashMap<>();
    for (int group = 0; group < contexts.size(); group++) {
      stages.put("context." + group, contexts.get(group));
    }
    NDArray all = Concatenation.of(contexts, 1);
    NDArray fused = norm.forward(Activation.relu(hidden.forward(all)), training);
    Map<String, NDArray> presence = features.presence();
    return new Output(
        out.forward(fused), probe.forward(made, presence), presence, Map.of(), made, fused, stages);
  }

  /** A view's tokens after they have read each other. */
  private Tokens context(Features features, View view, boolean training) {
    Tokens given = features.of(view);
    Transformer transformer = transformers.get(view.modality());
    Tokens x = given.with(positions.addTo(transformer.norm().forward(given.values())));
    return x.with(transformer.own().forward(x.values(), x, training));
  }

  /** By group of the text's layers, {@code [B, 2 d]}, or {@code [B, d]} of one modality alone. */
  private List<NDArray> contexts(
      Features features, Map<View, Tokens> own, Map<String, NDArray> made, boolean training) {
    List<View> texts = views(Modality.TEXT);
    Optional<View> image = view(Modality.IMAGE);
    if (texts.isEmpty() || image.isEmpty()) {
      return List.copyOf(made.values());
    }
    View picture = image.get();
    return texts.stream()
        .map(
            text -> {
              NDArray ofText =
                  Concatenation.of(
                      List.of(made.get(text.name()), asked(features, text, picture, own, training)),
                      1);
              NDArray ofImage =
                  Concatenation.of(
                      List.of(
                          made.get(picture.name()), asked(features, picture, text, own, training)),
                      1);
              return Scaling.times(ofText, alpha).add(Scaling.times(ofImage, 1 - alpha));
            })
        .toList();
  }

  /** {@code [B, d]}: what a view's context answers to another view's tokens; 0 where one lacks. */
  private NDArray asked(
      Features features, View answering, View asking, Map<View, Tokens> own, boolean training) {
    Tokens queries = features.of(asking);
    TransformerLayer layer = transformers.get(answering.modality()).asked().orElseThrow();
    Tokens answers = queries.with(layer.forward(queries.values(), own.get(answering), training));
    return features.representation(asking, features.representation(answering, answers.mean()));
  }

  @Override
  public Losses losses(Output output, Targets targets) {
    NDArray classification = CrossEntropy.of(output.logits(), targets.labels());
    NDArray measured = ProbeLoss.of(output.viewLogits(), targets.labels());
    return new Losses(
        classification.add(measured), Map.of("classification", classification, "probe", measured));
  }

  /** Registers it. */
  public record Factory() implements SystemFactory {
    static final String NAME = "HMCAN";

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public String description() {
      return "Hierarchical multi-modal contextual attention: each modality's context is asked by the"
          + " other's tokens, for every group of the text's layers (Qian et al., SIGIR 2021).";
    }

    @Override
    public List<Setting<?>> settings() {
      return SETTINGS;
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
          "training.batch_size", "256",
          "training.epochs", "100");
    }

    @Override
    public DetectionSystem create(SystemContext context) {
      return new Hmcan(context);
    }
  }
}
