package org.equipoise.systems.safe;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.equipoise.core.Form;
import org.equipoise.core.View;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.Network;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.SystemFactory;
import org.equipoise.systems.ViewChoice;
import org.equipoise.systems.layers.JoinedHead;
import org.equipoise.systems.layers.Linear;
import org.equipoise.systems.layers.Scaling;
import org.equipoise.systems.layers.TextCnn;
import org.equipoise.systems.losses.CrossEntropy;

/**
 * Similarity-aware fake news detection (Zhou et al., PAKDD 2020): a TextCNN makes a vector of the
 * text's tokens and another one of the image's; a dense layer tells the class from both, and a
 * second loss takes a small cosine between the two for a sign of fake.
 */
public final class Safe extends Network {
  public static final Setting<Integer> REDUCED =
      Setting.integer(
          "safe.reduced",
          32,
          1,
          65536,
          "Width to which tokens are reduced first (published code).");
  public static final Setting<Integer> FILTERS =
      Setting.integer(
          "safe.filters", 128, 1, 65536, "Filters of each of the two windows (published code).");
  public static final Setting<Integer> WIDTH =
      Setting.integer(
          "safe.width",
          32,
          1,
          65536,
          "Width of the text's and the image's vector (published code).");
  public static final Setting<Double> ALPHA =
      Setting.number(
          "safe.alpha", 0.6, 0, 1000, "Weight of the prediction's loss (published code).");
  public static final Setting<Double> BETA =
      Setting.number(
          "safe.beta", 0.4, 0, 1000, "Weight of the similarity's loss (published code).");
  public static final Setting<String> REAL =
      Setting.text(
          "safe.real",
          "real",
          "The class whose text and image should be similar; all others count as fake. Without such"
              + " a class the similarity has no loss (decided).");

  /** All keys, in the order of the documentation. */
  public static final List<Setting<?>> SETTINGS =
      List.of(ViewChoice.VIEWS, REDUCED, FILTERS, WIDTH, ALPHA, BETA, REAL);

  private static final List<Integer> WINDOWS = List.of(3, 4);
  private static final float GUARD = 1e-8f;
  private static final float LEAST = 1e-7f;
  private static final String SIMILARITY = "similarity";
  private static final String COMPLETE = "complete";

  private final Map<View, Branch> branches = new LinkedHashMap<>();
  private final JoinedHead classifier;
  private final double alpha;
  private final double beta;
  private final OptionalInt real;
  private final List<String> warnings;

  private record Branch(Linear reduce, TextCnn convolutions, Linear out) {}

  /**
   * A network with fresh parameters.
   *
   * @throws org.equipoise.core.WrongUseException if there is neither text nor image, or there are
   *     too few classes
   */
  public Safe(SystemContext context) {
    super(Factory.NAME, new ViewChoice(Factory.NAME, context).textAndImage(), context);
    Settings settings = context.settings();
    alpha = settings.get(ALPHA);
    beta = settings.get(BETA);
    real = context.classNumber(settings.get(REAL));
    warnings =
        real.isPresent() || views().size() < 2
            ? List.of()
            : List.of(
                "SAFE's similarity has no loss: %s is '%s', the classes are %s"
                    .formatted(REAL.key(), settings.get(REAL), context.classNames()));
    int reduced = settings.get(REDUCED);
    int filters = settings.get(FILTERS);
    int width = settings.get(WIDTH);
    Map<String, Long> widths = new LinkedHashMap<>();
    for (View view : views()) {
      String name = view.modality().id();
      branches.put(
          view,
          new Branch(
              Linear.of(parameters, name + ".reduce", view.width(), reduced),
              TextCnn.of(parameters, name + ".conv", reduced, WINDOWS, filters, Activation::relu),
              Linear.of(parameters, name + ".out", (long) WINDOWS.size() * filters, width)));
      branch(view, name + ".");
      widths.put(view.name(), (long) width);
    }
    classifier = new JoinedHead(parameters, "class", widths, context.classes());
  }

  @Override
  public List<String> warnings() {
    return warnings;
  }

  @Override
  public List<String> linearHead() {
    return classifier.names();
  }

  @Override
  protected Output forward(Features features, boolean training) {
    Map<String, NDArray> made = new LinkedHashMap<>();
    branches.forEach(
        (view, branch) -> {
          NDArray reduced = branch.reduce().forward(features.of(view).values());
          NDArray windows =
              branch.convolutions().forward(features.of(view).with(reduced).masked(), training);
          made.put(view.name(), features.representation(view, branch.out().forward(windows)));
        });
    Map<String, NDArray> stages = new LinkedHashMap<>();
    if (made.size() == 2) {
      List<NDArray> both = List.copyOf(made.values());
      stages.put(SIMILARITY, similarity(both.get(0), both.get(1)));
      features.complete().ifPresent(there -> stages.put(COMPLETE, there));
    }
    Map<String, NDArray> presence = features.presence();
    return new Output(
        classifier.forward(made),
        classifier.shares(made, presence),
        presence,
        Map.of(),
        made,
        classifier.joined(made),
        stages);
  }

  /** {@code (1 + cos(t, v)) / 2}, {@code [B]}. */
  static NDArray similarity(NDArray t, NDArray v) {
    int[] axis = {1};
    NDArray lengths = t.norm(axis).mul(v.norm(axis));
    NDArray cosine = t.mul(v).sum(axis).div(lengths.add(GUARD));
    return Scaling.times(cosine.add(1f), 0.5);
  }

  @Override
  public Losses losses(Output output, Targets targets) {
    NDArray prediction = CrossEntropy.of(output.logits(), targets.labels());
    Map<String, NDArray> parts = new LinkedHashMap<>();
    parts.put("classification", prediction);
    NDArray total = Scaling.times(prediction, alpha);
    NDArray similarity = output.stages().get(SIMILARITY);
    if (similarity != null && real.isPresent()) {
      NDArray fake = targets.labels().neq(real.getAsInt()).toType(similarity.getDataType(), false);
      NDArray loss =
          similarityLoss(similarity, fake, Optional.ofNullable(output.stages().get(COMPLETE)));
      parts.put(SIMILARITY, loss);
      total = total.add(Scaling.times(loss, beta));
    }
    return new Losses(total, parts);
  }

  /**
   * {@code −mean(fake · log(1 − s) + (1 − fake) · log s)} over the posts that have text and image.
   */
  private static NDArray similarityLoss(
      NDArray similarity, NDArray fake, Optional<NDArray> complete) {
    NDArray ofFake = log(similarity.neg().add(1f)).mul(fake);
    NDArray ofReal = log(similarity).mul(fake.neg().add(1f));
    NDArray each = ofFake.add(ofReal).neg();
    return complete
        .map(there -> each.mul(there).sum().div(there.sum().maximum(1f)))
        .orElseGet(each::mean);
  }

  /** Of numbers that are clipped from below, so that it stays finite. */
  private static NDArray log(NDArray x) {
    return Activation.relu(x.sub(LEAST)).add(LEAST).log();
  }

  /** Registers it. */
  public record Factory() implements SystemFactory {
    static final String NAME = "SAFE";

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public String description() {
      return "Similarity-aware detection: a text and an image that do not resemble each other are a"
          + " sign of fake (Zhou et al., PAKDD 2020).";
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
          "training.learning_rate", "0.0005",
          "training.weight_decay", "0",
          "training.batch_size", "64",
          "training.epochs", "60");
    }

    @Override
    public DetectionSystem create(SystemContext context) {
      return new Safe(context);
    }
  }
}
