package org.equipoise.systems.mrml;

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
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.Network;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.SystemFactory;
import org.equipoise.systems.ViewChoice;
import org.equipoise.systems.layers.BatchNorm;
import org.equipoise.systems.layers.Dropout;
import org.equipoise.systems.layers.Linear;
import org.equipoise.systems.layers.Parameters;
import org.equipoise.systems.layers.Probe;
import org.equipoise.systems.layers.Scaling;
import org.equipoise.systems.losses.CrossEntropy;
import org.equipoise.systems.losses.ProbeLoss;

/**
 * Multi-modal rumour detection by multi-rank fusion and metric learning (Peng et al., ICASSP 2023):
 * text and image meet in a bilinear product of low rank, which tells the class of each post; the
 * same product scores every text with every image of the batch, and a pairwise loss wants posts'
 * own pairs to score higher than pairs of posts of different classes. A triplet loss lets one
 * modality say which posts resemble each other and moves the other's embedding; the two take turns.
 */
public final class Mrml extends Network {
  public static final Setting<String> TEXT =
      Setting.choice(
          "mrml.text",
          "pooled",
          List.of("pooled", "flattened"),
          "Whether the text's tokens are averaged (decided) or laid end to end (published code).");
  public static final Setting<Integer> TOKENS =
      Setting.integer(
          "mrml.tokens",
          50,
          1,
          65536,
          "How many tokens are laid end to end, the rest zeros or cut off (published code).");
  public static final Setting<Integer> WIDTH =
      Setting.integer(
          "mrml.width",
          1024,
          1,
          65536,
          "Width of the text's and the image's vector (published code).");
  public static final Setting<Integer> RANKS =
      Setting.integer("mrml.ranks", 2, 1, 1000, "Ranks of the fusion (published code).");
  public static final Setting<Integer> FUSED =
      Setting.integer("mrml.fused", 1024, 1, 65536, "Width of the fusion (published code).");
  public static final Setting<Integer> HIDDEN =
      Setting.integer(
          "mrml.hidden", 64, 1, 65536, "The classifier's inner width (published code).");
  public static final Setting<Double> DROPOUT =
      Setting.number(
          "mrml.dropout",
          0.4,
          0,
          0.99,
          "Share of numbers dropped before the fusion (published code).");
  public static final Setting<Double> PAIRWISE =
      Setting.number(
          "mrml.pairwise", 0.5, 0, 1000, "Weight of the pairwise loss (published code).");
  public static final Setting<Double> TRIPLET =
      Setting.number("mrml.triplet", 0.3, 0, 1000, "Weight of the triplet loss (published code).");

  /** All keys, in the order of the documentation. */
  public static final List<Setting<?>> SETTINGS =
      List.of(
          ViewChoice.VIEWS, TEXT, TOKENS, WIDTH, RANKS, FUSED, HIDDEN, DROPOUT, PAIRWISE, TRIPLET);

  private static final int EPOCHS_A_TURN = 2;
  private static final String SIMILARITY = "similarity";
  private static final String DISTANCE = "distance.";
  private static final String COMPLETE = "complete";

  private final Map<View, Branch> branches = new LinkedHashMap<>();
  private final MultiRankFusion fusion;
  private final Optional<Metric> metric;
  private final Classifier classifier;
  private final Probe probe;
  private final Dropout dropout;
  private final boolean flattened;
  private final int tokens;
  private final double pairwise;
  private final double triplet;
  private Modality direct = Modality.TEXT;

  private record Branch(Linear dense, BatchNorm norm) {}

  /** What compares posts; there with both modalities alone. */
  private record Metric(Map<Modality, Linear> distance, NDArray pairWeight, NDArray pairBias) {}

  private record Classifier(Linear hidden, BatchNorm normHidden, Linear out, BatchNorm normOut) {
    static Classifier of(Parameters parameters, long fused, long hidden, long classes) {
      return new Classifier(
          Linear.of(parameters, "class_hidden", fused, hidden),
          new BatchNorm(parameters, "norm_hidden", hidden),
          Linear.of(parameters, "class", hidden, classes),
          new BatchNorm(parameters, "norm_out", classes));
    }

    NDArray forward(NDArray x, boolean training) {
      NDArray inner = Activation.relu(normHidden.forward(hidden.forward(x), training));
      return normOut.forward(out.forward(inner), training);
    }
  }

  /**
   * A network with fresh parameters.
   *
   * @throws org.equipoise.core.WrongUseException if there is neither text nor image, or there are
   *     too few classes
   */
  public Mrml(SystemContext context) {
    super(Factory.NAME, new ViewChoice(Factory.NAME, context).textAndImage(), context);
    Settings settings = context.settings();
    flattened = settings.get(TEXT).equals("flattened");
    tokens = settings.get(TOKENS);
    pairwise = settings.get(PAIRWISE);
    triplet = settings.get(TRIPLET);
    dropout = new Dropout(settings.get(DROPOUT).floatValue());
    int width = settings.get(WIDTH);
    int fused = settings.get(FUSED);
    for (View view : views()) {
      boolean text = view.modality() == Modality.TEXT;
      String name = view.modality().id();
      String norm = text ? "norm_t" : "norm_v";
      long in = text && flattened ? (long) tokens * view.width() : view.width();
      branches.put(
          view,
          new Branch(
              Linear.of(parameters, name, in, width), new BatchNorm(parameters, norm, width)));
      branch(view, name + ".", norm + ".");
    }
    List<Modality> modalities = views().stream().map(View::modality).toList();
    fusion = new MultiRankFusion(parameters, modalities, settings.get(RANKS), width, fused);
    metric =
        modalities.size() < 2
            ? Optional.empty()
            : Optional.of(
                new Metric(
                    Map.of(
                        Modality.TEXT, Linear.of(parameters, "dist_text", width, width),
                        Modality.IMAGE, Linear.of(parameters, "dist_image", width, width)),
                    parameters.uniform("pair.weight", fused, 1, fused),
                    parameters.uniform("pair.bias", fused, 1)));
    classifier = Classifier.of(parameters, fused, settings.get(HIDDEN), context.classes());
    probe =
        new Probe(parameters, views().stream().map(View::name).toList(), width, context.classes());
  }

  /**
   * Nothing moves the distance embedding of the modality whose turn it is to say what resembles
   * what, neither a gradient from earlier epochs nor a decay.
   */
  @Override
  public Map<String, Double> rates() {
    return metric.isEmpty()
        ? Map.of()
        : Map.of(
            "dist_" + direct.id() + ".weight", 0.0,
            "dist_" + direct.id() + ".bias", 0.0);
  }

  @Override
  protected Output forward(Features features, boolean training) {
    Map<String, NDArray> made = new LinkedHashMap<>();
    Map<Modality, List<NDArray>> factors = new LinkedHashMap<>();
    Map<String, NDArray> stages = new LinkedHashMap<>();
    branches.forEach(
        (view, branch) -> {
          NDArray normal =
              branch.norm().forward(branch.dense().forward(read(features, view)), training);
          NDArray x = features.representation(view, Activation.relu(normal));
          made.put(view.name(), x);
          factors.put(
              view.modality(), fusion.factors(view.modality(), dropout.forward(x, training)));
          metric.ifPresent(
              parts ->
                  stages.put(
                      DISTANCE + view.modality().id(),
                      parts.distance().get(view.modality()).forward(x)));
        });
    metric.ifPresent(
        parts ->
            stages.put(
                SIMILARITY,
                Activation.sigmoid(
                    MultiRankFusion.scores(
                            factors.get(Modality.IMAGE),
                            factors.get(Modality.TEXT),
                            parts.pairWeight())
                        .add(parts.pairBias()))));
    features.complete().ifPresent(there -> stages.put(COMPLETE, there));
    NDArray fused = MultiRankFusion.own(List.copyOf(factors.values()));
    Map<String, NDArray> presence = features.presence();
    return new Output(
        classifier.forward(fused, training),
        probe.forward(made, presence),
        presence,
        Map.of(),
        made,
        fused,
        stages);
  }

  private NDArray read(Features features, View view) {
    return view.modality() == Modality.TEXT && flattened
        ? features.flattened(view, tokens)
        : features.pooled(view);
  }

  @Override
  public Losses losses(Output output, Targets targets) {
    NDArray classification = CrossEntropy.of(output.logits(), targets.labels());
    NDArray measured = ProbeLoss.of(output.viewLogits(), targets.labels());
    Map<String, NDArray> parts = new LinkedHashMap<>();
    parts.put("classification", classification);
    parts.put("probe", measured);
    NDArray total = classification.add(measured);
    if (metric.isPresent()) {
      direct = direct(targets.epoch());
      Modality other = direct == Modality.TEXT ? Modality.IMAGE : Modality.TEXT;
      MetricLosses metrics =
          new MetricLosses(targets.labels(), Optional.ofNullable(output.stages().get(COMPLETE)));
      NDArray ofPairs = Scaling.times(metrics.pairwise(output.stages().get(SIMILARITY)), pairwise);
      NDArray ofTriplets =
          Scaling.times(
              metrics.triplet(
                  output.representations().get(view(direct).orElseThrow().name()),
                  output.stages().get(DISTANCE + other.id())),
              triplet);
      parts.put("pairwise", ofPairs);
      parts.put("triplet", ofTriplets);
      total = total.add(ofPairs).add(ofTriplets);
    }
    return new Losses(total, parts);
  }

  /** The modality that says in this epoch, counted from 1, which posts resemble each other. */
  static Modality direct(int epoch) {
    return (epoch - 1) / EPOCHS_A_TURN % 2 == 0 ? Modality.TEXT : Modality.IMAGE;
  }

  /** Registers it. */
  public record Factory() implements SystemFactory {
    static final String NAME = "MRML";

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public String description() {
      return "Multi-rank fusion of text and image with label-aware triplets and a contrast of all"
          + " pairs of a batch (Peng et al., ICASSP 2023).";
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
          "training.weight_decay", "0.0001",
          "training.batch_size", "128",
          "training.epochs", "100");
    }

    @Override
    public DetectionSystem create(SystemContext context) {
      return new Mrml(context);
    }
  }
}
