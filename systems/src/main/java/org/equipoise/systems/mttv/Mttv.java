package org.equipoise.systems.mttv;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
import org.equipoise.systems.layers.Concatenation;
import org.equipoise.systems.layers.Dropout;
import org.equipoise.systems.layers.LayerNorm;
import org.equipoise.systems.layers.Linear;
import org.equipoise.systems.layers.MultiHeadAttention;
import org.equipoise.systems.layers.Parameters;
import org.equipoise.systems.layers.Probe;
import org.equipoise.systems.layers.Tokens;
import org.equipoise.systems.layers.TransformerLayer;
import org.equipoise.systems.losses.CrossEntropy;
import org.equipoise.systems.losses.ProbeLoss;

/**
 * Multi-modal transformer using two-level visual features (Wang et al., Applied Intelligence 2023):
 * global tokens of the image, tokens of its regions and tokens of the text pass one transformer,
 * told apart by positions and segments. For many unequal classes the verdicts are scaled after
 * training by the classes' recalls on validation posts.
 */
public final class Mttv extends Network {
  public static final Setting<Integer> WIDTH =
      Setting.integer("mttv.width", 768, 1, 65536, "Width of every token (published code).");
  public static final Setting<Integer> HEADS =
      Setting.integer(
          "mttv.heads",
          12,
          1,
          1024,
          "Heads of the attention, a divisor of the width (published code).");
  public static final Setting<Integer> FEED_FORWARD =
      Setting.integer(
          "mttv.feed_forward", 3072, 1, 1 << 20, "Inner width of a layer (published code).");
  public static final Setting<Integer> LAYERS =
      Setting.integer(
          "mttv.layers",
          2,
          1,
          1000,
          "Layers of the transformer (decided: stored tokens have passed an encoder; published code"
              + " 6).");
  public static final Setting<Integer> GLOBALS =
      Setting.integer(
          "mttv.globals", 5, 1, 10_000, "Tokens of the whole image, at most (published code).");
  public static final Setting<Integer> REGIONS =
      Setting.integer(
          "mttv.regions",
          20,
          0,
          10_000,
          "Tokens of the image's regions, at most (published code for Fakeddit; 5 for Weibo).");
  public static final Setting<Integer> POSITIONS =
      Setting.integer(
          "mttv.positions",
          512,
          3,
          65536,
          "Positions that are told apart; tokens of the text beyond are not read (published code).");
  public static final Setting<Double> DROPOUT =
      Setting.number(
          "mttv.dropout",
          0.1,
          0,
          0.99,
          "Share of numbers dropped after the embedding and within the transformer (published"
              + " code).");
  public static final Setting<Double> TAU =
      Setting.number(
          "mttv.tau",
          1,
          0,
          100,
          "Exponent τ of the scalable classifier's factors (published code for six classes).");
  public static final Setting<String> SCALING =
      Setting.choice(
          "mttv.scaling",
          "logits",
          Stream.of(ScalableClassifier.Way.values())
              .map(way -> way.name().toLowerCase(Locale.ROOT))
              .toList(),
          "What the scalable classifier's factors multiply after training: the logits (published"
              + " code), the logits less their mean (decided), or nothing.");

  /** All keys, in the order of the documentation. */
  public static final List<Setting<?>> SETTINGS =
      List.of(
          ViewChoice.VIEWS,
          WIDTH,
          HEADS,
          FEED_FORWARD,
          LAYERS,
          GLOBALS,
          REGIONS,
          POSITIONS,
          DROPOUT,
          TAU,
          SCALING);

  private static final int CLS_AND_SEP = 2;
  private static final float NORM_EPSILON = 1e-12f;
  private static final int GLOBAL_SEGMENT = 0;
  private static final int OTHER_SEGMENT = 1;

  private final int globals;
  private final int regions;
  private final int positions;
  private final Embedding embedding;
  private final Optional<Image> image;
  private final Optional<Text> text;
  private final List<TransformerLayer> layers;
  private final Linear pooler;
  private final Linear out;
  private final ScalableClassifier scalable;
  private final Probe probe;
  private final Dropout dropout;

  private record Embedding(
      NDArray cls, NDArray sep, NDArray position, NDArray imageSegment, LayerNorm norm) {}

  private record Image(View view, Linear global, Linear region) {}

  private record Text(View view, Linear dense, NDArray segment) {}

  /** A stretch of the transformer's input. */
  private record Part(NDArray values, NDArray there) {
    long count() {
      return values.getShape().get(1);
    }
  }

  /**
   * A network with fresh parameters.
   *
   * @throws WrongUseException if there is neither text nor image, too few classes, or the sizes do
   *     not fit each other
   */
  public Mttv(SystemContext context) {
    super(Factory.NAME, choose(context), context);
    Settings settings = context.settings();
    int width = settings.get(WIDTH);
    globals = settings.get(GLOBALS);
    regions = settings.get(REGIONS);
    positions = settings.get(POSITIONS);
    dropout = new Dropout(settings.get(DROPOUT).floatValue());
    embedding =
        new Embedding(
            parameters.uniform("cls", width, width),
            parameters.uniform("sep", width, width),
            parameters.uniform("position", width, positions, width),
            parameters.uniform("image_segment", width, 2, width),
            LayerNorm.of(parameters, "norm", width, NORM_EPSILON));
    image =
        view(Modality.IMAGE)
            .map(
                view ->
                    new Image(
                        view,
                        Linear.of(parameters, "global", view.width(), width),
                        Linear.of(parameters, "region", view.width(), width)));
    text =
        view(Modality.TEXT)
            .map(
                view ->
                    new Text(
                        view,
                        Linear.of(parameters, "text", view.width(), width),
                        parameters.uniform("text_segment", width, 2, width)));
    image.ifPresent(own -> branch(own.view(), "global.", "region.", "image_segment"));
    text.ifPresent(own -> branch(own.view(), "text.", "text_segment"));
    layers =
        IntStream.range(0, settings.get(LAYERS))
            .mapToObj(i -> layer(parameters, "layers." + i, settings, dropout))
            .toList();
    pooler = Linear.of(parameters, "pooler", width, width);
    out = Linear.withoutBias(parameters, "class", width, context.classes());
    scalable =
        new ScalableClassifier(
            parameters,
            context.classes(),
            settings.get(TAU),
            ScalableClassifier.Way.valueOf(settings.get(SCALING).toUpperCase(Locale.ROOT)));
    probe =
        new Probe(parameters, views().stream().map(View::name).toList(), width, context.classes());
  }

  private static List<View> choose(SystemContext context) {
    Settings settings = context.settings();
    int width = settings.get(WIDTH);
    int heads = settings.get(HEADS);
    if (width % heads != 0) {
      throw new WrongUseException(
          "%s %d does not divide by %s %d".formatted(WIDTH.key(), width, HEADS.key(), heads));
    }
    int needed = settings.get(GLOBALS) + settings.get(REGIONS) + CLS_AND_SEP;
    if (settings.get(POSITIONS) < needed) {
      throw new WrongUseException(
          "%s is %d, the image's tokens need %d: as many as %s and %s, and 2"
              .formatted(
                  POSITIONS.key(), settings.get(POSITIONS), needed, GLOBALS.key(), REGIONS.key()));
    }
    return new ViewChoice(Factory.NAME, context).textAndImage();
  }

  private static TransformerLayer layer(
      Parameters parameters, String name, Settings settings, Dropout dropout) {
    int width = settings.get(WIDTH);
    int wide = settings.get(FEED_FORWARD);
    return new TransformerLayer(
        new MultiHeadAttention(parameters, name, width, settings.get(HEADS)),
        LayerNorm.of(parameters, name + ".norm1", width, NORM_EPSILON)::forward,
        Linear.of(parameters, name + ".inner", width, wide),
        Linear.of(parameters, name + ".out", wide, width),
        LayerNorm.of(parameters, name + ".norm2", width, NORM_EPSILON)::forward,
        dropout);
  }

  @Override
  public void resetScaling() {
    scalable.reset();
  }

  @Override
  public void rescale(double[] recalls, int[] posts) {
    scalable.scale(recalls, posts);
  }

  @Override
  protected Output forward(Features features, boolean training) {
    return read(
        features,
        image.map(own -> VisualTokens.of(features.of(own.view()), globals, regions)),
        training);
  }

  /** Scores texts with an image's tokens of both levels. */
  Output read(Features features, Optional<VisualTokens> visual, boolean training) {
    Tokens any = features.tokens().values().iterator().next();
    NDManager manager = any.values().getManager();
    long posts = any.posts();
    List<Part> parts = new ArrayList<>();
    parts.add(single(manager, posts, embedding.cls(), 0, GLOBAL_SEGMENT));
    visual.ifPresent(tokens -> parts.addAll(visualParts(features, tokens)));
    int shown = parts.size();
    parts.add(single(manager, posts, embedding.sep(), 1 + globals + regions, OTHER_SEGMENT));
    text.ifPresent(own -> parts.add(textPart(features, own)));

    NDArray embedded = Concatenation.of(parts.stream().map(Part::values).toList(), 1);
    NDArray there = Concatenation.of(parts.stream().map(Part::there).toList(), 1);
    Tokens tokens = new Tokens(dropout.forward(embedded, training), Optional.of(there));
    for (TransformerLayer layer : layers) {
      tokens = tokens.with(layer.forward(tokens.values(), tokens, training));
    }
    NDArray pooled = pooler.forward(tokens.values().get(":, 0")).tanh();
    NDArray logits = out.forward(pooled);

    Map<String, NDArray> made = new LinkedHashMap<>();
    Tokens encoded = tokens;
    text.ifPresent(
        own ->
            made.put(
                own.view().name(),
                mean(features, own.view(), encoded, parts, shown + 1, parts.size())));
    image.ifPresent(
        own -> made.put(own.view().name(), mean(features, own.view(), encoded, parts, 1, shown)));
    Map<String, NDArray> presence = features.presence();
    return new Output(
        training ? logits : scalable.forward(logits),
        probe.forward(made, presence),
        presence,
        Map.of(),
        made,
        pooled,
        Map.of("embedded", embedded, "encoded", tokens.values()));
  }

  /** One of the two tokens that every post has. */
  private Part single(NDManager manager, long posts, NDArray token, int position, int segment) {
    NDArray values = manager.zeros(new Shape(posts, 1, token.size())).add(token);
    return new Part(
        embed(values, position, embedding.imageSegment(), segment),
        manager.ones(new Shape(posts, 1)));
  }

  private List<Part> visualParts(Features features, VisualTokens tokens) {
    Image own = image.orElseThrow();
    List<Part> parts = new ArrayList<>();
    parts.add(visualPart(features, tokens.global(), own.global(), 1, GLOBAL_SEGMENT));
    tokens
        .region()
        .ifPresent(
            region ->
                parts.add(visualPart(features, region, own.region(), 1 + globals, OTHER_SEGMENT)));
    return parts;
  }

  private Part visualPart(
      Features features, Tokens tokens, Linear dense, int position, int segment) {
    NDArray values =
        embed(dense.forward(tokens.values()), position, embedding.imageSegment(), segment);
    return kept(features, image.orElseThrow().view(), tokens.with(values));
  }

  private Part textPart(Features features, Text own) {
    Tokens given = features.of(own.view());
    Tokens read =
        given.count() <= positions
            ? given
            : new Tokens(
                given.values().get(":, :{}", positions),
                given.mask().map(mask -> mask.get(":, :{}", positions)));
    NDArray values = embed(own.dense().forward(read.values()), 0, own.segment(), OTHER_SEGMENT);
    return kept(features, own.view(), read.with(values));
  }

  /** Tokens {@code [B, n, d]} with positions from that one on and their segment, normalised. */
  private NDArray embed(NDArray tokens, int position, NDArray segments, int segment) {
    // rows of parameters belong to the parameters' manager, which outlives the batch
    try (NDArray places =
            embedding.position().get("{}:{}", position, position + tokens.getShape().get(1));
        NDArray kind = segments.get("{}:{}", segment, segment + 1)) {
      return embedding.norm().forward(tokens.add(places).add(kind));
    }
  }

  /** What the transformer sees of a view's tokens: those that are there and are kept. */
  private static Part kept(Features features, View view, Tokens tokens) {
    NDArray values = tokens.values();
    NDArray there =
        tokens
            .mask()
            .orElseGet(() -> values.getManager().ones(new Shape(tokens.posts(), tokens.count())));
    Optional<NDArray> factor = Optional.ofNullable(features.keep().get(view.name()));
    return new Part(
        tokens.times(factor).values(),
        factor
            .map(
                keep ->
                    there.mul(
                        keep.neq(0).toType(there.getDataType(), false).reshape(tokens.posts(), 1)))
            .orElse(there));
  }

  /** {@code [B, d]}: the mean over a view's parts of the transformer's result. */
  private static NDArray mean(
      Features features, View view, Tokens encoded, List<Part> parts, int from, int to) {
    long start = parts.subList(0, from).stream().mapToLong(Part::count).sum();
    long end = parts.subList(0, to).stream().mapToLong(Part::count).sum();
    Tokens own =
        new Tokens(
            encoded.values().get(":, {}:{}", start, end),
            encoded.mask().map(mask -> mask.get(":, {}:{}", start, end)));
    return features.representation(view, own.mean());
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
    static final String NAME = "MTTV";

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public String description() {
      return "One transformer over global, region and text tokens; verdicts scaled by the classes'"
          + " validation recalls (Wang et al., Applied Intelligence 2023).";
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
          "training.learning_rate", "0.0001",
          "training.weight_decay", "0.01",
          "training.batch_size", "32",
          "training.epochs", "20",
          "training.optimizer", "adamw",
          "training.schedule", "linear-warmup",
          "training.warmup", "0.1");
    }

    @Override
    public DetectionSystem create(SystemContext context) {
      return new Mttv(context);
    }
  }
}
