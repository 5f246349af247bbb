package org.equipoise.systems.logicdm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Activation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.equipoise.core.Clause;
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
import org.equipoise.systems.layers.Probe;
import org.equipoise.systems.layers.Tokens;
import org.equipoise.systems.losses.CrossEntropy;
import org.equipoise.systems.losses.ProbeLoss;

/**
 * Interpretable detection by neural logic (Liu et al., Findings of ACL 2023): for each class the
 * system seeks clauses of atoms about a post's tokens, patches and their pairs; how true a class's
 * best clause is says how likely the class is.
 */
public final class LogicDm extends Network {
  public static final Setting<Integer> WIDTH =
      Setting.integer(
          "logicdm.width", 200, 1, 65536, "Width of nodes, objects and clues (published code).");
  public static final Setting<Integer> HIDDEN =
      Setting.integer(
          "logicdm.hidden", 500, 1, 65536, "Inner width of the nodes' encoders (published code).");
  public static final Setting<Integer> TOKENS =
      Setting.integer(
          "logicdm.tokens", 32, 1, 65536, "How many of a text's first tokens are read (decided).");
  public static final Setting<Integer> TOP =
      Setting.integer(
          "logicdm.top", 5, 1, 1000, "Objects of each kind that are kept (published code).");
  public static final Setting<Integer> CLUES =
      Setting.integer("logicdm.clues", 10, 1, 10000, "Clues of each kind (published code).");
  public static final Setting<Integer> CLAUSES =
      Setting.integer(
          "logicdm.clauses", 5, 1, 1000, "Clauses sought for each class (published code).");
  public static final Setting<Integer> HEADS =
      Setting.integer(
          "logicdm.heads",
          5,
          1,
          1000,
          "Heads of the attention among atoms, a divisor of the width (published code).");
  public static final Setting<Double> THRESHOLD =
      Setting.number(
          "logicdm.threshold",
          0.4,
          0,
          1,
          "From which choice on an atom belongs to a clause (published code).");
  public static final Setting<Double> RATE =
      Setting.number(
          "logicdm.rate",
          0.1,
          0,
          1,
          "Share of the atoms that make a clause where none reaches the threshold (published"
              + " code).");
  public static final Setting<String> ROUNDS =
      Setting.choice(
          "logicdm.rounds",
          "last",
          List.of("last", "all"),
          "Whether the last of three rounds gives the verdict (published code) or any of them, by a"
              + " disjunction.");
  public static final Setting<String> NORM =
      Setting.choice(
          "logicdm.norm", "product", Norm.ids(), "What «and» and «or» are (published code).");
  public static final Setting<Double> DROPOUT =
      Setting.number(
          "logicdm.dropout",
          0.2,
          0,
          0.99,
          "Share of numbers dropped where predicates are made and see each other (published code).");

  /** All keys, in the order of the documentation. */
  public static final List<Setting<?>> SETTINGS =
      List.of(
          ViewChoice.VIEWS,
          WIDTH,
          HIDDEN,
          TOKENS,
          TOP,
          CLUES,
          CLAUSES,
          HEADS,
          THRESHOLD,
          RATE,
          ROUNDS,
          NORM,
          DROPOUT);

  private static final String VALUES = "values";

  /** Added to values before their logarithm. */
  private static final float LEAST = 1e-12f;

  private final Map<View, Encoder> encoders = new LinkedHashMap<>();
  private final Reasoner reasoner;
  private final Probe probe;
  private final Norm norm;
  private final List<String> classNames;
  private final boolean allRounds;
  private final int tokens;

  /** Makes nodes of tokens: {@code norm(relu(dense relu(dense x)))}. */
  private record Encoder(Linear hidden, Linear out, LayerNorm norm) {
    NDArray forward(NDArray x) {
      return norm.forward(Activation.relu(out.forward(Activation.relu(hidden.forward(x)))));
    }
  }

  /**
   * A network with fresh parameters.
   *
   * @throws WrongUseException if there is neither text nor image, too few classes, or the heads do
   *     not divide the width
   */
  public LogicDm(SystemContext context) {
    super(Factory.NAME, choose(context), context);
    Settings settings = context.settings();
    classNames = context.classNames();
    allRounds = settings.get(ROUNDS).equals("all");
    tokens = settings.get(TOKENS);
    norm = Norm.of(settings.get(NORM));
    int width = settings.get(WIDTH);
    int hidden = settings.get(HIDDEN);
    for (View view : views()) {
      String name = view.modality().id();
      encoders.put(
          view,
          new Encoder(
              Linear.of(parameters, name + ".0", view.width(), hidden),
              Linear.of(parameters, name + ".1", hidden, width),
              LayerNorm.of(parameters, name + ".norm", width)));
      branch(view, name + ".", name + "_pool.");
    }
    reasoner =
        new Reasoner(
            parameters,
            views().stream().map(View::modality).toList(),
            width,
            context.classes(),
            new Reasoner.Options(
                settings.get(TOP),
                settings.get(CLUES),
                settings.get(CLAUSES),
                settings.get(HEADS),
                settings.get(THRESHOLD),
                settings.get(RATE),
                norm,
                new Dropout(settings.get(DROPOUT).floatValue())));
    probe =
        new Probe(parameters, views().stream().map(View::name).toList(), width, context.classes());
  }

  private static List<View> choose(SystemContext context) {
    int width = context.settings().get(WIDTH);
    int heads = context.settings().get(HEADS);
    if (width % heads != 0) {
      throw new WrongUseException(
          "%s %d is not divisible by %s %d".formatted(WIDTH.key(), width, HEADS.key(), heads));
    }
    return new ViewChoice(Factory.NAME, context).textAndImage();
  }

  @Override
  protected Output forward(Features features, boolean training) {
    Map<String, NDArray> made = new LinkedHashMap<>();
    Map<Modality, Tokens> encoded = new LinkedHashMap<>();
    encoders.forEach(
        (view, encoder) -> {
          Tokens nodes = encode(features, view, encoder);
          encoded.put(view.modality(), nodes);
          made.put(view.name(), reasoner.pooled(view.modality(), nodes));
        });
    List<Reasoner.Round> rounds = reasoner.rounds(Nodes.of(encoded), allRounds, training);
    NDArray values = values(rounds, norm);
    Map<String, NDArray> stages = new LinkedHashMap<>();
    stages.put(VALUES, values);
    if (!training) {
      stages.putAll(Explanation.of(rounds));
    }
    Map<String, NDArray> presence = features.presence();
    return new Output(
        values.add(LEAST).log(),
        probe.forward(made, presence),
        presence,
        Map.of(),
        made,
        rounds.get(rounds.size() - 1).context(),
        stages);
  }

  /** A modality's nodes; masked where the post lacks them or they are taken out. */
  private Tokens encode(Features features, View view, Encoder encoder) {
    Tokens given = features.of(view);
    if (view.modality() == Modality.TEXT && given.count() > tokens) {
      given =
          new Tokens(
              given.values().get(":, :{}", tokens),
              given.mask().map(mask -> mask.get(":, :{}", tokens)));
    }
    Optional<NDArray> keep = Optional.ofNullable(features.keep().get(view.name()));
    Optional<NDArray> mask = given.mask();
    if (keep.isPresent()) {
      NDArray kept = keep.get().neq(0).toType(DataType.FLOAT32, false).reshape(given.posts(), 1);
      mask =
          Optional.of(
              mask.map(there -> there.mul(kept))
                  .orElse(kept.broadcast(given.posts(), given.count())));
    }
    return new Tokens(encoder.forward(given.values()), mask).masked().times(keep);
  }

  /** How true each class is, {@code [B, A]}: by the only round, or by any of them. */
  static NDArray values(List<Reasoner.Round> rounds, Norm norm) {
    if (rounds.size() == 1) {
      return rounds.get(0).value();
    }
    return norm.or(
        Concatenation.of(rounds.stream().map(round -> round.value().expandDims(0)).toList(), 0), 0);
  }

  /**
   * {@code CE(p) + Σ_a CE([p_a, 1 − p_a])}, the values p taken for logits; the second sum asks of
   * each class whether it is the post's.
   */
  static NDArray loss(NDArray values, NDArray labels) {
    NDArray total = CrossEntropy.of(values, labels);
    for (int a = 0; a < values.getShape().get(1); a++) {
      NDArray own = values.get(":, {}:{}", a, a + 1);
      NDArray against = Concatenation.of(List.of(own, own.neg().add(1f)), 1);
      NDArray other = labels.neq(a).toType(DataType.INT64, false);
      total = total.add(CrossEntropy.of(against, other));
    }
    return total;
  }

  @Override
  public Losses losses(Output output, Targets targets) {
    NDArray classification = loss(output.stages().get(VALUES), targets.labels());
    NDArray measured = ProbeLoss.of(output.viewLogits(), targets.labels());
    Map<String, NDArray> parts = new LinkedHashMap<>();
    parts.put("classification", classification);
    parts.put("probe", measured);
    return new Losses(classification.add(measured), parts);
  }

  @Override
  public List<List<Clause>> clauses(Output output) {
    return Explanation.read(output.stages(), classNames);
  }

  /** Registers it. */
  public record Factory() implements SystemFactory {
    static final String NAME = "LogicDM";

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public String description() {
      return "Neural logic: for each class clauses of atoms about tokens, patches and their pairs,"
          + " whose truth is the verdict (Liu et al., Findings of ACL 2023).";
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
          "training.optimizer", "amsgrad",
          "training.learning_rate", "0.0001",
          "training.weight_decay", "0.0001",
          "training.schedule", "plateau",
          "training.batch_size", "32",
          "training.epochs", "20");
    }

    @Override
    public DetectionSystem create(SystemContext context) {
      return new LogicDm(context);
    }
  }
}
