package org.equipoise.systems.bmr;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
import org.equipoise.systems.layers.Concatenation;
import org.equipoise.systems.layers.Linear;
import org.equipoise.systems.layers.Scaling;
import org.equipoise.systems.layers.Tokens;
import org.equipoise.systems.losses.CrossEntropy;

/**
 * Bootstrapping of multi-view representations (Ying et al., AAAI 2023): text, image meaning, image
 * pattern and both modalities together each become a vector by a mixture of experts. What a view
 * predicts alone, and whether text and image belong together, weighs its vector, and a last mixture
 * of experts reads the weighed vectors. For two classes every prediction is one number, the
 * log-odds of class 1.
 */
public final class Bmr extends Network {
  public static final Setting<Integer> WIDTH =
      Setting.integer(
          "bmr.width", 768, 2, 65536, "Width of every token and view, even (published code).");
  public static final Setting<Integer> HEADS =
      Setting.integer(
          "bmr.heads",
          8,
          1,
          1024,
          "Heads of the experts' attention, a divisor of the width (published code).");
  public static final Setting<Integer> EXPERTS =
      Setting.integer("bmr.experts", 3, 1, 1000, "Experts of each mixture (published code).");
  public static final Setting<Integer> TRIM =
      Setting.integer(
          "bmr.trim", 128, 2, 65536, "Inner width of the predictions, even (published code).");
  public static final Setting<Integer> REWEIGHING =
      Setting.integer(
          "bmr.reweighing",
          128,
          2,
          65536,
          "Inner width of what turns predictions into weights, even (published code).");
  public static final Setting<Double> CONSISTENCY =
      Setting.number(
          "bmr.consistency",
          2,
          0,
          1000,
          "Weight of the loss on matched and mismatched pairs (published code).");

  /** All keys, in the order of the documentation. */
  public static final List<Setting<?>> SETTINGS =
      List.of(ViewChoice.VIEWS, WIDTH, HEADS, EXPERTS, TRIM, REWEIGHING, CONSISTENCY);

  private static final String FIFTH_TOKEN = "irrelevant";
  private static final double FIFTH_TOKEN_RATE = 2;
  private static final String TOKENS = "tokens.";
  private static final String MASK = "mask.";

  private final int outputs;
  private final double consistency;
  private final Map<Role, Branch> branches = new LinkedHashMap<>();
  private final Optional<Together> together;
  private final MixtureOfExperts last;
  private final GatedHead head;

  /** What a view is read as, in the order in which the last mixture of experts reads them. */
  private enum Role {
    IMAGE,
    TEXT,
    PATTERN;

    String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** One view's; a pattern is pooled and has no experts. */
  private record Branch(
      View view,
      Linear projection,
      Optional<MixtureOfExperts> experts,
      GatedHead head,
      Reweighing reweighing) {}

  /** What reads text and image together; there with both alone. */
  private record Together(
      MixtureOfExperts experts, GatedHead head, Reweighing reweighing, NDArray fifthToken) {}

  /** A vector of each post, 0 where there is none. */
  private record Part(NDArray vector, Optional<NDArray> there) {}

  /**
   * A network with fresh parameters.
   *
   * @throws WrongUseException if there is neither text nor image, too few classes, or the sizes do
   *     not fit each other
   */
  public Bmr(SystemContext context) {
    super(Factory.NAME, List.copyOf(choose(context).values()), context);
    Settings settings = context.settings();
    int width = settings.get(WIDTH);
    int reweighing = settings.get(REWEIGHING);
    outputs = context.classes() == 2 ? 1 : context.classes();
    consistency = settings.get(CONSISTENCY);
    choose(context)
        .forEach(
            (role, view) -> {
              String name = role.id();
              branches.put(
                  role,
                  new Branch(
                      view,
                      Linear.of(parameters, name + "_projection", view.width(), width),
                      role == Role.PATTERN
                          ? Optional.empty()
                          : Optional.of(experts(name, settings)),
                      head(name + "_head", settings, outputs),
                      new Reweighing(parameters, "reweigh_" + name, outputs, reweighing)));
              branch(view, name + "_projection.", name + ".");
            });
    together =
        branches.containsKey(Role.TEXT) && branches.containsKey(Role.IMAGE)
            ? Optional.of(
                new Together(
                    experts("fused", settings),
                    head("mismatch_head", settings, 1),
                    new Reweighing(parameters, "reweigh_mismatch", 1, reweighing),
                    parameters.uniform(FIFTH_TOKEN, width, 1, width)))
            : Optional.empty();
    last = experts("final", settings);
    head = head("final_head", settings, outputs);
  }

  private static Map<Role, View> choose(SystemContext context) {
    Settings settings = context.settings();
    int width = settings.get(WIDTH);
    int heads = settings.get(HEADS);
    if (width % heads != 0) {
      throw new WrongUseException(
          "%s %d does not divide by %s %d".formatted(WIDTH.key(), width, HEADS.key(), heads));
    }
    for (Setting<Integer> halved : List.of(WIDTH, TRIM, REWEIGHING)) {
      if (settings.get(halved) % 2 != 0) {
        throw new WrongUseException(
            "%s is %d, must be even".formatted(halved.key(), settings.get(halved)));
      }
    }
    ViewChoice choice = new ViewChoice(Factory.NAME, context);
    Map<Role, View> chosen = new EnumMap<>(Role.class);
    choice.view(Modality.TEXT, Kind.PATTERN).ifPresent(view -> chosen.put(Role.TEXT, view));
    choice.view(Modality.IMAGE, Kind.SEMANTIC).ifPresent(view -> chosen.put(Role.IMAGE, view));
    choice
        .view(Modality.IMAGE, Kind.PATTERN)
        .filter(view -> !view.equals(chosen.get(Role.IMAGE)))
        .ifPresent(view -> chosen.put(Role.PATTERN, view));
    return chosen;
  }

  private MixtureOfExperts experts(String name, Settings settings) {
    return new MixtureOfExperts(
        parameters, name, settings.get(WIDTH), settings.get(HEADS), settings.get(EXPERTS));
  }

  private GatedHead head(String name, Settings settings, int numbers) {
    return new GatedHead(parameters, name, settings.get(WIDTH), settings.get(TRIM), numbers);
  }

  @Override
  public Map<String, Double> rates() {
    return together.isPresent() ? Map.of(FIFTH_TOKEN, FIFTH_TOKEN_RATE) : Map.of();
  }

  @Override
  protected Output forward(Features features, boolean training) {
    Map<String, Tokens> projected = new LinkedHashMap<>();
    branches
        .values()
        .forEach(
            branch -> {
              Tokens tokens = features.of(branch.view());
              NDArray values = branch.projection().forward(tokens.values());
              projected.put(branch.view().name(), tokens.with(values).masked());
            });
    return read(new Features(projected, features.keep()), training);
  }

  /** Scores tokens of one width, 0 where masked. */
  Output read(Features features, boolean training) {
    Map<String, NDArray> made = new LinkedHashMap<>();
    Map<String, NDArray> said = new LinkedHashMap<>();
    Map<String, NDArray> stages = new LinkedHashMap<>();
    Map<String, NDArray> weights = new LinkedHashMap<>();
    List<Part> parts = new ArrayList<>();
    branches.forEach(
        (role, branch) -> {
          View view = branch.view();
          NDArray vector =
              features.representation(view, vector(branch, features.of(view), stages, training));
          NDArray logit = branch.head().forward(vector, training);
          NDArray weight = branch.reweighing().forward(probabilities(logit), training);
          made.put(view.name(), vector);
          said.put(view.name(), logit);
          weights.put(role.id(), weight);
          parts.add(new Part(vector.mul(weight), there(features, view)));
        });
    together.ifPresent(both -> together(both, features, parts, weights, stages, training));
    stages.put("weights", Concatenation.of(weights.values(), 1));
    Tokens tokens = tokens(parts);
    NDArray fused = last.forward(tokens, training).view();
    Map<String, NDArray> presence = features.presence();
    return new Output(
        logits(head.forward(fused, training)),
        alone(said, presence),
        presence,
        Map.of(),
        made,
        fused,
        stages);
  }

  private static NDArray vector(
      Branch branch, Tokens tokens, Map<String, NDArray> stages, boolean training) {
    if (branch.experts().isEmpty()) {
      return tokens.mean();
    }
    MixtureOfExperts.Result result = branch.experts().get().forward(tokens, training);
    stages.put("gate." + branch.view().name(), result.weights());
    return result.view();
  }

  /** Adds what text and image say together, third, and whether they belong together, last. */
  private void together(
      Together both,
      Features features,
      List<Part> parts,
      Map<String, NDArray> weights,
      Map<String, NDArray> stages,
      boolean training) {
    Tokens text = kept(features, branches.get(Role.TEXT).view());
    Tokens image = kept(features, branches.get(Role.IMAGE).view());
    if (training) {
      stage(stages, Role.TEXT, text);
      stage(stages, Role.IMAGE, image);
    }
    // a post that lacks one of the two has nothing that could fit or not
    Optional<NDArray> complete =
        Stream.of(text.presence(), image.presence()).flatMap(Optional::stream).reduce(NDArray::mul);
    MixtureOfExperts.Result result = readTogether(both, text, image, training);
    NDArray logit = both.head().forward(result.view(), training);
    NDArray fits = Activation.sigmoid(logit).neg().add(1f);
    NDArray weight = both.reweighing().forward(fits, training);
    weights.put("mismatch", weight);
    parts.add(Role.TEXT.ordinal() + 1, new Part(times(result.view(), complete), complete));
    parts.add(new Part(times(weight.matMul(both.fifthToken()), complete), complete));
    stages.put("gate.fused", result.weights());
    stages.put("fused", result.view());
    stages.put("mismatch", logit);
  }

  private static MixtureOfExperts.Result readTogether(
      Together both, Tokens text, Tokens image, boolean training) {
    NDArray values = Concatenation.of(List.of(image.values(), text.values()), 1);
    if (text.mask().isEmpty() && image.mask().isEmpty()) {
      return both.experts().forward(new Tokens(values, Optional.empty()), training);
    }
    NDArray mask = Concatenation.of(List.of(mask(image), mask(text)), 1);
    // a text's positions follow its own image's, whatever the batch is padded to
    return both.experts()
        .forward(new Tokens(values, Optional.of(mask)), MixtureOfExperts.counted(mask), training);
  }

  private static NDArray mask(Tokens tokens) {
    return tokens
        .mask()
        .orElseGet(
            () -> tokens.values().getManager().ones(new Shape(tokens.posts(), tokens.count())));
  }

  private static void stage(Map<String, NDArray> stages, Role role, Tokens tokens) {
    stages.put(TOKENS + role.id(), tokens.values());
    tokens.mask().ifPresent(mask -> stages.put(MASK + role.id(), mask));
  }

  private static Tokens staged(Map<String, NDArray> stages, Role role) {
    return new Tokens(
        stages.get(TOKENS + role.id()), Optional.ofNullable(stages.get(MASK + role.id())));
  }

  /** A view's tokens as other views meet them: times what they are kept by, masked where by 0. */
  private static Tokens kept(Features features, View view) {
    Tokens tokens = features.of(view);
    NDArray keep = features.keep().get(view.name());
    if (keep == null) {
      return tokens;
    }
    NDArray still = keep.neq(0).toType(keep.getDataType(), false).reshape(tokens.posts(), 1);
    return new Tokens(
        tokens.times(Optional.of(keep)).values(), Optional.of(mask(tokens).mul(still)));
  }

  /** {@code [B]}: 1 where a post has a view and keeps it; empty where all do. */
  private static Optional<NDArray> there(Features features, View view) {
    return kept(features, view).presence();
  }

  private static NDArray times(NDArray vectors, Optional<NDArray> factors) {
    return factors
        .map(each -> vectors.mul(each.reshape(each.getShape().get(0), 1)))
        .orElse(vectors);
  }

  /** The parts as tokens of the last mixture of experts. */
  private static Tokens tokens(List<Part> parts) {
    NDList vectors = new NDList();
    parts.forEach(part -> vectors.add(part.vector()));
    NDArray values = NDArrays.stack(vectors, 1);
    if (parts.stream().allMatch(part -> part.there().isEmpty())) {
      return new Tokens(values, Optional.empty());
    }
    NDArray all = values.getManager().ones(new Shape(values.getShape().get(0)));
    NDList masks = new NDList();
    parts.forEach(part -> masks.add(part.there().orElse(all)));
    return new Tokens(values, Optional.of(NDArrays.stack(masks, 1)));
  }

  private NDArray probabilities(NDArray logit) {
    return outputs == 1 ? Activation.sigmoid(logit) : logit.softmax(1);
  }

  /** {@code [B, M]}: of two classes the first has 0 and the second the log-odds. */
  private static NDArray logits(NDArray numbers) {
    return numbers.getShape().get(1) == 1
        ? numbers.getManager().zeros(numbers.getShape()).concat(numbers, 1)
        : numbers;
  }

  private static Map<String, NDArray> alone(
      Map<String, NDArray> said, Map<String, NDArray> presence) {
    Map<String, NDArray> logits = new LinkedHashMap<>();
    said.forEach(
        (view, numbers) ->
            logits.put(view, logits(times(numbers, Optional.ofNullable(presence.get(view))))));
    return logits;
  }

  @Override
  public Losses losses(Output output, Targets targets) {
    NDArray classification = CrossEntropy.of(output.logits(), targets.labels());
    NDArray single = single(output, targets.labels());
    Map<String, NDArray> parts = new LinkedHashMap<>();
    parts.put("classification", classification);
    parts.put("single_view", single);
    NDArray total = classification.add(single);
    if (output.stages().containsKey(TOKENS + Role.TEXT.id())) {
      Tokens text = staged(output.stages(), Role.TEXT);
      Tokens image = staged(output.stages(), Role.IMAGE);
      Optional<Pairs> pairs = pairs(text, image, targets.events());
      if (pairs.isPresent()) {
        NDArray mismatched = text.values().getManager().create(pairs.get().mismatched());
        NDArray ofPairs =
            Scaling.times(
                consistency(
                    select(text, pairs.get().texts()),
                    select(image, pairs.get().images()),
                    mismatched,
                    true),
                consistency);
        parts.put("consistency", ofPairs);
        total = total.add(ofPairs);
      }
    }
    return new Losses(total, parts);
  }

  /** The mean over the views of what each loses alone, over the posts that have it. */
  private static NDArray single(Output output, NDArray labels) {
    NDArray sum = null;
    for (Map.Entry<String, NDArray> view : output.viewLogits().entrySet()) {
      NDArray presence = output.viewPresence().get(view.getKey());
      NDArray own = labels;
      if (presence != null) {
        // −1 where the post lacks the view
        NDArray there = presence.toType(DataType.INT64, false);
        own = labels.add(1L).mul(there).sub(1L);
      }
      NDArray loss = CrossEntropy.ofLabelled(view.getValue(), own);
      sum = sum == null ? loss : sum.add(loss);
    }
    return Scaling.times(sum, 1.0 / output.viewLogits().size());
  }

  /** The loss of telling which texts and images were not posted together, a scalar. */
  NDArray consistency(Tokens text, Tokens image, NDArray mismatched, boolean training) {
    Together both = together.orElseThrow();
    NDArray view = readTogether(both, text, image, training).view();
    return CrossEntropy.of(logits(both.head().forward(view, training)), mismatched);
  }

  private static Optional<Pairs> pairs(Tokens text, Tokens image, Optional<NDArray> events) {
    int posts = Math.toIntExact(text.posts());
    float[] hasText = text.presence().map(NDArray::toFloatArray).orElse(null);
    float[] hasImage = image.presence().map(NDArray::toFloatArray).orElse(null);
    int[] complete =
        IntStream.range(0, posts)
            .filter(post -> hasText == null || hasText[post] != 0)
            .filter(post -> hasImage == null || hasImage[post] != 0)
            .toArray();
    NDArray means = image.mean();
    int width = Math.toIntExact(means.getShape().get(1));
    float[] all = means.toFloatArray();
    float[][] pictures =
        IntStream.range(0, posts)
            .mapToObj(post -> Arrays.copyOfRange(all, post * width, (post + 1) * width))
            .toArray(float[][]::new);
    long key;
    try (NDArray drawn =
        means.getManager().randomInteger(0, Long.MAX_VALUE, new Shape(1), DataType.INT64)) {
      key = drawn.toLongArray()[0];
    }
    return Pairs.draw(
        complete, events.map(NDArray::toLongArray), pictures, new SplittableRandom(key));
  }

  private static Tokens select(Tokens tokens, long... posts) {
    NDArray places = tokens.values().getManager().create(posts);
    return new Tokens(tokens.values().get(places), tokens.mask().map(mask -> mask.get(places)));
  }

  /** Registers it. */
  public record Factory() implements SystemFactory {
    static final String NAME = "BMR";

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public String description() {
      return "Bootstrapping of multi-view representations: single-view predictions and cross-modal"
          + " consistency weigh the views, mixtures of experts read them (Ying et al., AAAI 2023).";
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
          "training.learning_rate", "0.00005",
          "training.weight_decay", "0.01",
          "training.batch_size", "24",
          "training.epochs", "50",
          "training.optimizer", "adamw",
          "training.schedule", "cosine",
          "training.warmup", "0.1",
          "training.clip_norm", "1");
    }

    @Override
    public DetectionSystem create(SystemContext context) {
      return new Bmr(context);
    }
  }
}
