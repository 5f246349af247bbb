package org.equipoise.systems.cafe;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
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
import org.equipoise.systems.layers.Linear;
import org.equipoise.systems.layers.NormalisedStack;
import org.equipoise.systems.layers.Parameters;
import org.equipoise.systems.layers.Probe;
import org.equipoise.systems.layers.TextCnn;
import org.equipoise.systems.losses.CrossEntropy;
import org.equipoise.systems.losses.ProbeLoss;

/**
 * Cross-modal ambiguity learning (Chen et al., WWW 2022): text and image are brought into a common
 * space; how far apart they lie there, the ambiguity, weighs what they say together against what
 * each says alone.
 */
public final class Cafe extends Network {
  public static final Setting<Integer> FILTERS =
      Setting.integer(
          "cafe.filters",
          32,
          1,
          65536,
          "Filters of each of the text's four windows (published code).");
  public static final Setting<List<Integer>> TEXT_WIDTHS =
      widths("cafe.text_widths", List.of(64, 128), "dense layers on the text's windows");
  public static final Setting<List<Integer>> IMAGE_WIDTHS =
      widths("cafe.image_widths", List.of(256, 128), "the image's dense layers");
  public static final Setting<List<Integer>> ALIGNED_WIDTHS =
      widths(
          "cafe.aligned_widths", List.of(128, 64), "the layers to the space that modalities share");
  public static final Setting<List<Integer>> ALONE_WIDTHS =
      widths("cafe.alone_widths", List.of(128, 16), "the layers to what a modality says alone");
  public static final Setting<List<Integer>> CLASSIFIER_WIDTHS =
      widths("cafe.classifier_widths", List.of(64, 64), "the classifier's inner layers");
  public static final Setting<Integer> GAUSSIAN =
      Setting.integer(
          "cafe.gaussian",
          2,
          1,
          65536,
          "Dimensions of the Gaussians that the ambiguity compares (published code).");
  public static final Setting<Double> DROPOUT =
      Setting.number(
          "cafe.dropout",
          0.5,
          0,
          0.99,
          "Share of numbers dropped within the encoders (published code).");
  public static final Setting<Double> MARGIN =
      Setting.number(
          "cafe.margin",
          0.2,
          -1,
          1,
          "Cosine above which a mismatched pair costs (paper; the published code has 0).");
  public static final Setting<String> REAL =
      Setting.text(
          "cafe.real",
          "real",
          "The class whose texts and images match; without such a class all posts count as matched"
              + " (decided).");

  /** All keys, in the order of the documentation. */
  public static final List<Setting<?>> SETTINGS =
      List.of(
          ViewChoice.VIEWS,
          FILTERS,
          TEXT_WIDTHS,
          IMAGE_WIDTHS,
          ALIGNED_WIDTHS,
          ALONE_WIDTHS,
          CLASSIFIER_WIDTHS,
          GAUSSIAN,
          DROPOUT,
          MARGIN,
          REAL);

  private static final List<Integer> WINDOWS = List.of(1, 2, 4, 8);
  private static final Dropout NONE = new Dropout(0);
  private static final String AMBIGUITY = "ambiguity";
  private static final String ALIGNED = "aligned.";
  private static final String COMPLETE = "complete";

  private final Map<View, Path> alone = new LinkedHashMap<>();
  private final Optional<Together> together;
  private final Classifier classifier;
  private final Probe probe;
  private final Alignment alignment;
  private final OptionalInt real;
  private final List<String> warnings;

  /** One modality's encoder and what comes after it. */
  private record Path(
      Optional<TextCnn> convolutions, NormalisedStack encoder, NormalisedStack out) {}

  /** What compares modalities; its paths lead to the common space. */
  private record Together(Map<View, Path> aligners, Ambiguity ambiguity, Fusion fusion) {}

  /**
   * A network with fresh parameters.
   *
   * @throws WrongUseException if there is neither text nor image, too few classes, or a list of
   *     widths is empty
   */
  public Cafe(SystemContext context) {
    super(Factory.NAME, choose(context), context);
    Settings settings = context.settings();
    alignment = new Alignment(settings.get(MARGIN));
    real = context.classNumber(settings.get(REAL));
    warnings =
        real.isPresent() || views().size() < 2
            ? List.of()
            : List.of(
                "CAFE takes all posts for matched: %s is '%s', the classes are %s"
                    .formatted(REAL.key(), settings.get(REAL), context.classNames()));
    for (View view : views()) {
      String name = "alone." + view.modality().id();
      alone.put(view, path(settings, name, view, settings.get(ALONE_WIDTHS)));
      branch(view, name + ".");
    }
    int ownWidth = last(settings, ALONE_WIDTHS);
    long fused = (long) views().size() * ownWidth;
    if (views().size() == 2) {
      int width = last(settings, ALIGNED_WIDTHS);
      Map<View, Path> aligners = new LinkedHashMap<>();
      for (View view : views()) {
        aligners.put(
            view,
            path(
                settings, "alignment." + view.modality().id(), view, settings.get(ALIGNED_WIDTHS)));
      }
      together =
          Optional.of(
              new Together(
                  aligners,
                  new Ambiguity(parameters, "ambiguity.", width, settings.get(GAUSSIAN)),
                  new Fusion(parameters, "", width)));
      fused += width;
    } else {
      together = Optional.empty();
    }
    classifier =
        new Classifier(
            parameters, "classifier", fused, settings.get(CLASSIFIER_WIDTHS), context.classes());
    probe =
        new Probe(
            parameters, views().stream().map(View::name).toList(), ownWidth, context.classes());
  }

  private static Setting<List<Integer>> widths(String key, List<Integer> defaults, String what) {
    return Setting.integers(key, defaults, 1, 65536, "Widths of " + what + " (published code).");
  }

  private static List<View> choose(SystemContext context) {
    for (Setting<List<Integer>> widths :
        List.of(TEXT_WIDTHS, IMAGE_WIDTHS, ALIGNED_WIDTHS, ALONE_WIDTHS, CLASSIFIER_WIDTHS)) {
      if (context.settings().get(widths).isEmpty()) {
        throw new WrongUseException(widths.key() + " is empty, needs at least one width");
      }
    }
    return new ViewChoice(Factory.NAME, context).textAndImage();
  }

  private static int last(Settings settings, Setting<List<Integer>> widths) {
    List<Integer> all = settings.get(widths);
    return all.get(all.size() - 1);
  }

  private Path path(Settings settings, String name, View view, List<Integer> outWidths) {
    boolean text = view.modality() == Modality.TEXT;
    int filters = settings.get(FILTERS);
    Setting<List<Integer>> inner = text ? TEXT_WIDTHS : IMAGE_WIDTHS;
    return new Path(
        text
            ? Optional.of(
                TextCnn.normalised(
                    parameters, name + ".conv", view.width(), WINDOWS, filters, Activation::relu))
            : Optional.empty(),
        new NormalisedStack(
            parameters,
            name + ".encoder",
            text ? (long) WINDOWS.size() * filters : view.width(),
            settings.get(inner),
            new Dropout(settings.get(DROPOUT).floatValue())),
        new NormalisedStack(parameters, name + ".out", last(settings, inner), outWidths, NONE));
  }

  @Override
  public List<String> warnings() {
    return warnings;
  }

  @Override
  protected Output forward(Features features, boolean training) {
    Map<String, NDArray> made = new LinkedHashMap<>();
    alone.forEach(
        (view, path) ->
            made.put(
                view.name(),
                features.representation(view, follow(path, features, view, training))));
    Map<String, NDArray> stages = new LinkedHashMap<>();
    NDArray fused =
        together
            .map(parts -> fuse(parts, features, List.copyOf(made.values()), stages, training))
            .orElseGet(() -> Concatenation.of(made.values(), 1));
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

  private static NDArray follow(Path path, Features features, View view, boolean training) {
    NDArray read =
        path.convolutions()
            .map(convolutions -> convolutions.forward(features.of(view), training))
            .orElseGet(() -> features.pooled(view));
    return path.out().forward(path.encoder().forward(read, training), training);
  }

  private static NDArray fuse(
      Together parts,
      Features features,
      List<NDArray> alone,
      Map<String, NDArray> stages,
      boolean training) {
    parts
        .aligners()
        .forEach(
            (view, path) ->
                stages.put(ALIGNED + view.modality().id(), follow(path, features, view, training)));
    // the verdict reads the common space without moving it
    NDArray text = stages.get(ALIGNED + Modality.TEXT.id()).stopGradient();
    NDArray image = stages.get(ALIGNED + Modality.IMAGE.id()).stopGradient();
    NDArray ambiguity = parts.ambiguity().forward(text, image);
    Optional<NDArray> complete = features.complete();
    stages.put(AMBIGUITY, ambiguity);
    complete.ifPresent(there -> stages.put(COMPLETE, there));
    return Fusion.weigh(
        alone, parts.fusion().correlation(text, image, training), ambiguity, complete);
  }

  @Override
  public Losses losses(Output output, Targets targets) {
    NDArray classification = CrossEntropy.of(output.logits(), targets.labels());
    NDArray measured = ProbeLoss.of(output.viewLogits(), targets.labels());
    Map<String, NDArray> parts = new LinkedHashMap<>();
    parts.put("classification", classification);
    parts.put("probe", measured);
    NDArray total = classification.add(measured);
    if (together.isPresent()) {
      Optional<NDArray> aligned =
          alignment.loss(
              output.stages().get(ALIGNED + Modality.TEXT.id()),
              output.stages().get(ALIGNED + Modality.IMAGE.id()),
              matched(output, targets));
      if (aligned.isPresent()) {
        parts.put("alignment", aligned.get());
        total = total.add(aligned.get());
      }
    }
    return new Losses(total, parts);
  }

  /** The places of the real posts that have text and image. */
  private long[] matched(Output output, Targets targets) {
    long[] labels = targets.labels().toLongArray();
    Optional<float[]> complete =
        Optional.ofNullable(output.stages().get(COMPLETE)).map(NDArray::toFloatArray);
    return IntStream.range(0, labels.length)
        .filter(post -> real.isEmpty() || labels[post] == real.getAsInt())
        .filter(post -> complete.isEmpty() || complete.get()[post] > 0)
        .asLongStream()
        .toArray();
  }

  /** Dense layers with batch normalisation and ReLU, and a dense one to the classes. */
  static final class Classifier {
    private final NormalisedStack inner;
    private final Linear out;

    /** Parameters {@code <name>.0}, {@code <name>.norm0}, …, the last one without norm. */
    Classifier(Parameters parameters, String name, long in, List<Integer> widths, long classes) {
      inner = new NormalisedStack(parameters, name, in, widths, NONE);
      out =
          Linear.of(parameters, name + "." + widths.size(), widths.get(widths.size() - 1), classes);
    }

    NDArray forward(NDArray x, boolean training) {
      return out.forward(inner.forward(x, training));
    }
  }

  /** Registers it. */
  public record Factory() implements SystemFactory {
    static final String NAME = "CAFE";

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public String description() {
      return "Cross-modal ambiguity learning: how far text and image lie apart weighs what they say"
          + " together against what each says alone (Chen et al., WWW 2022).";
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
          "training.batch_size", "64",
          "training.epochs", "100");
    }

    @Override
    public DetectionSystem create(SystemContext context) {
      return new Cafe(context);
    }
  }
}
