package org.equipoise.systems.logicdm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.equipoise.core.Modality;
import org.equipoise.systems.layers.Concatenation;
import org.equipoise.systems.layers.Dropout;
import org.equipoise.systems.layers.Linear;
import org.equipoise.systems.layers.Parameters;
import org.equipoise.systems.layers.Scaling;
import org.equipoise.systems.layers.Tokens;

/**
 * Finds clauses «atom ∧ atom ∧ … ⇒ answer» on a graph of a post's tokens and patches, in rounds
 * between which a graph convolution spreads what nodes know. An atom is a predicate applied to an
 * object; the predicate is a mixture of few of the kind's clues, chosen by object and answer.
 */
final class Reasoner {
  /** How many rounds there are, with a graph layer after each but the last. */
  static final int ROUNDS = 3;

  /** Choices no further apart count as equal: atoms with one predicate differ by rounding alone. */
  private static final float TIE = 1e-6f;

  private static final double MASKED = 1e9;

  private final Options options;
  private final long width;
  private final int answers;
  private final Map<ObjectKind, Candidates> candidates = new EnumMap<>(ObjectKind.class);
  private final Map<ObjectKind, NDArray> clues = new EnumMap<>(ObjectKind.class);
  private final NDArray answerVectors;
  private final Linear instance1;
  private final Linear answer1;
  private final Linear instance2;
  private final Linear answer2;
  private final Linear clue1;
  private final Linear clue2;
  private final TwoLayers instance;
  private final TwoLayers relevance;
  private final TwoLayers truth;
  private final AtomAttention attention;
  private final Map<Modality, Linear> pools = new LinkedHashMap<>();
  private final List<Guide> guides = new ArrayList<>();
  private final List<GraphLayer> graph = new ArrayList<>();

  /** What singles out a clause's atoms. */
  private record Guide(Linear atom, Linear context) {}

  /**
   * The method's numbers.
   *
   * @param top K, objects kept of each kind
   * @param clues C, clues of each kind
   * @param clauses clauses sought for each answer
   * @param heads of the attention among atoms
   * @param threshold from which choice on an atom belongs to a clause
   * @param rate share of the atoms that make a clause where none reaches the threshold
   */
  record Options(
      int top,
      int clues,
      int clauses,
      int heads,
      double threshold,
      double rate,
      Norm norm,
      Dropout dropout) {}

  /**
   * One clause sought in a round.
   *
   * @param choice {@code [B, A, n]}: how strongly each atom was chosen
   * @param chosen {@code [B, A, n]}: 0 for an atom that is no part, 1 for one by the threshold, 2
   *     for one by rank
   * @param factors {@code [B, A, n]}: what each atom brings, 1 for one that is no part
   * @param value {@code [B, A]}
   */
  record Sought(NDArray choice, NDArray chosen, NDArray factors, NDArray value) {}

  /**
   * One round.
   *
   * @param nodes as they were when clauses were sought
   * @param kept objects by kind; the atoms are theirs, kind after kind, K each
   * @param truth {@code [B, n, A]}
   * @param clauses by number
   * @param value {@code [B, A]}: each answer's best clause
   * @param context {@code [B, D]}
   */
  record Round(
      Nodes nodes,
      Map<ObjectKind, Candidates.Kept> kept,
      NDArray truth,
      List<Sought> clauses,
      NDArray value,
      NDArray context) {}

  /** With fresh parameters for these modalities. */
  Reasoner(
      Parameters parameters,
      Collection<Modality> modalities,
      long width,
      int answers,
      Options options) {
    this.options = options;
    this.width = width;
    this.answers = answers;
    for (ObjectKind kind : ObjectKind.of(modalities)) {
      candidates.put(kind, new Candidates(parameters, kind, width));
      clues.put(kind, parameters.uniform("clues_" + kind.name(), width, options.clues(), width));
    }
    answerVectors = parameters.uniform("answers", width, answers, width);
    instance1 = Linear.of(parameters, "instance1", width, width);
    answer1 = Linear.of(parameters, "answer1", width, width);
    instance2 = Linear.of(parameters, "instance2", width, width);
    answer2 = Linear.of(parameters, "answer2", width, width);
    clue1 = Linear.of(parameters, "clue1", width, width);
    clue2 = Linear.of(parameters, "clue2", width, width);
    long four = 4 * width;
    Dropout none = new Dropout(0);
    instance = TwoLayers.of(parameters, "instance", four, 2 * width, width, options.dropout());
    relevance = TwoLayers.of(parameters, "relevance", four, 2 * width, 1, none);
    truth = TwoLayers.of(parameters, "truth", four, 2 * width, 1, none);
    attention =
        new AtomAttention(
            parameters, "clause_attention", width, options.heads(), options.dropout());
    for (Modality modality : modalities) {
      pools.put(modality, Linear.of(parameters, modality.id() + "_pool", width, 1));
    }
    for (int i = 0; i < options.clauses(); i++) {
      String name = "guide." + i;
      guides.add(
          new Guide(
              Linear.of(parameters, name + ".atom", width, 1),
              Linear.of(parameters, name + ".context", width, 1)));
    }
    for (int i = 0; i < ROUNDS - 1; i++) {
      graph.add(new GraphLayer(parameters, "graph." + i, width));
    }
  }

  /**
   * Reasons.
   *
   * @param all whether clauses are sought in every round, or in the last alone
   * @return the rounds in which they were sought, in order
   */
  List<Round> rounds(Nodes nodes, boolean all, boolean training) {
    NDArray adjacency = nodes.adjacency();
    List<Round> rounds = new ArrayList<>();
    Nodes current = nodes;
    for (int i = 0; i < ROUNDS; i++) {
      if (all || i == ROUNDS - 1) {
        rounds.add(round(current, training));
      }
      if (i < ROUNDS - 1) {
        current = current.with(spread(i, current.joined(), adjacency));
      }
    }
    return rounds;
  }

  /** A graph layer, {@code [B, N, D]}. */
  NDArray spread(int layer, NDArray nodes, NDArray adjacency) {
    return graph.get(layer).forward(nodes, adjacency);
  }

  /** A modality's nodes pooled by {@code softmax(pool(x))}, {@code [B, D]}; 0 where none is. */
  NDArray pooled(Modality modality, Tokens tokens) {
    NDArray scores = pools.get(modality).forward(tokens.values()).reshape(tokens.posts(), -1);
    NDArray there =
        tokens.mask().map(mask -> scores.add(Scaling.times(mask.sub(1f), MASKED))).orElse(scores);
    return there.softmax(1).expandDims(1).matMul(tokens.values()).reshape(tokens.posts(), width);
  }

  /** What the post is about as a whole, {@code [B, D]}: the pools, met as a pair of their kinds. */
  private NDArray context(Nodes nodes) {
    List<NDArray> pooled = new ArrayList<>();
    nodes.tokens().forEach((modality, tokens) -> pooled.add(pooled(modality, tokens)));
    List<Modality> met = List.copyOf(nodes.tokens().keySet());
    ObjectKind kind =
        candidates.keySet().stream()
            .filter(ObjectKind::pair)
            .filter(each -> each.parts().containsAll(met))
            .findFirst()
            .orElseThrow();
    return candidates.get(kind).meet(pooled.get(0), pooled.get(pooled.size() - 1));
  }

  private Round round(Nodes nodes, boolean training) {
    Map<ObjectKind, Candidates.Kept> kept = new LinkedHashMap<>();
    candidates.forEach((kind, each) -> kept.put(kind, each.keep(nodes, options.top())));
    NDArray objects =
        Concatenation.of(kept.values().stream().map(Candidates.Kept::values).toList(), 1);
    Optional<NDArray> there = there(nodes, kept);
    NDManager manager = nodes.manager();
    // derived from parameters alone, it would live as long as they do
    NDArray answer = manager.zeros(answerVectors.getShape()).add(answerVectors);

    NDArray predicates = predicates(objects, answer, training); // [B, n, A, D]
    NDArray repeated = repeated(objects);
    NDArray truths =
        Activation.sigmoid(
                truth.forward(
                    Concatenation.of(
                        List.of(
                            repeated,
                            predicates,
                            repeated.sub(predicates),
                            repeated.mul(predicates)),
                        3),
                    training))
            .reshape(nodes.posts(), -1, answers);
    NDArray matter = relevance(objects, answer, training); // [B, n, A]
    NDArray among = among(predicates, there, training); // [B, A, n, D]
    NDArray context = context(nodes);
    List<Sought> clauses = new ArrayList<>();
    for (Guide guide : guides) {
      clauses.add(seek(guide, among, context, matter, truths, there));
    }
    NDArray values =
        Concatenation.of(clauses.stream().map(each -> each.value().expandDims(0)).toList(), 0);
    return new Round(nodes, kept, truths, clauses, values.max(new int[] {0}), context);
  }

  /** {@code [B, n]}: 1 for an atom that is there; empty where all are. */
  private Optional<NDArray> there(Nodes nodes, Map<ObjectKind, Candidates.Kept> kept) {
    boolean complete =
        kept.values().stream()
            .allMatch(
                each ->
                    IntStream.range(0, each.places().length)
                        .allMatch(post -> each.places()[post].length == options.top()));
    if (complete) {
      return Optional.empty();
    }
    List<NDArray> found = new ArrayList<>();
    kept.values()
        .forEach(
            each ->
                found.add(
                    nodes
                        .manager()
                        .create(
                            Candidates.found(each.places(), options.top()),
                            new Shape(nodes.posts(), options.top()))));
    return Optional.of(Concatenation.of(found, 1));
  }

  /** {@code [B, n, A, D]}: each object beside every answer. */
  private NDArray repeated(NDArray objects) {
    return objects
        .expandDims(2)
        .broadcast(new Shape(objects.getShape().get(0), objects.getShape().get(1), answers, width));
  }

  /** {@code [B, n, A, D]}: each answer beside every object. */
  private NDArray repeated(NDArray answer, Shape objects) {
    return answer
        .reshape(1, 1, answers, width)
        .broadcast(new Shape(objects.get(0), objects.get(1), answers, width));
  }

  /** A mixture of few clues for each object and answer, {@code [B, n, A, D]}. */
  private NDArray predicates(NDArray objects, NDArray answer, boolean training) {
    NDArray wanted =
        Activation.relu(
            instance.forward(
                Candidates.pair(
                    repeated(instance2.forward(objects)),
                    repeated(answer2.forward(answer), objects.getShape())),
                training));
    List<NDArray> mixtures = new ArrayList<>();
    int place = 0;
    for (NDArray own : clues.values()) {
      NDArray ofKind = wanted.get(":, {}:{}", place, place + options.top());
      NDArray pool = objects.getManager().zeros(own.getShape()).add(own);
      NDArray weights = Sparsemax.of(ofKind.matMul(clue1.forward(pool).transpose()));
      mixtures.add(weights.matMul(pool));
      place += options.top();
    }
    return clue2.forward(Concatenation.of(mixtures, 1));
  }

  /** How much an object matters to an answer, {@code [B, n, A]}. */
  private NDArray relevance(NDArray objects, NDArray answer, boolean training) {
    NDArray i = repeated(instance1.forward(objects));
    NDArray a = repeated(answer1.forward(answer), objects.getShape());
    return relevance
        .forward(Concatenation.of(List.of(i, a, i.sub(a), i.mul(a)), 3), training)
        .reshape(objects.getShape().get(0), -1, answers);
  }

  /** The predicates after they saw each other, {@code [B, A, n, D]}. */
  private NDArray among(NDArray predicates, Optional<NDArray> there, boolean training) {
    Shape shape = predicates.getShape();
    long posts = shape.get(0);
    long atoms = shape.get(1);
    Optional<NDArray> mask =
        there.map(each -> each.repeat(0, answers).reshape(posts * answers, atoms));
    return attention
        .forward(
            predicates.transpose(0, 2, 1, 3).reshape(posts * answers, atoms, width), mask, training)
        .reshape(posts, answers, atoms, width);
  }

  private Sought seek(
      Guide guide,
      NDArray among,
      NDArray context,
      NDArray matter,
      NDArray truths,
      Optional<NDArray> there) {
    long posts = among.getShape().get(0);
    NDArray fit =
        guide
            .atom()
            .forward(among)
            .reshape(posts, answers, -1)
            .mul(guide.context().forward(context).reshape(posts, 1, 1));
    // answers compete for each atom, then atoms compete for each answer
    NDArray c = Sparsemax.of(fit.transpose(0, 2, 1)).mul(Sparsemax.of(matter)).transpose(0, 2, 1);
    NDArray choice =
        there
            .map(
                each -> {
                  NDArray mask = each.reshape(posts, 1, -1);
                  // c is never below 0; an absent atom is too far down to be chosen
                  return Sparsemax.of(c.add(Scaling.times(mask.sub(1f), 10))).mul(mask);
                })
            .orElseGet(() -> Sparsemax.of(c));
    NDArray chosen = chosen(choice, there);
    NDArray byThreshold = chosen.eq(1f).toType(c.getDataType(), false);
    NDArray byRank = chosen.eq(2f).toType(c.getDataType(), false);
    NDArray truth = truths.transpose(0, 2, 1);
    NDArray factors =
        byThreshold
            .mul(truth)
            .add(byRank.mul(truth).mul(choice))
            .add(chosen.eq(0f).toType(c.getDataType(), false));
    return new Sought(choice, chosen, factors, options.norm().and(factors, 2));
  }

  /** Which atoms belong to a clause, as in {@link Sought}. */
  private NDArray chosen(NDArray choice, Optional<NDArray> there) {
    Shape shape = choice.getShape();
    int atoms = (int) shape.get(2);
    int byRank = Math.max(1, (int) Math.floor(atoms * options.rate() + TIE));
    float[] choices = choice.toFloatArray();
    Optional<float[]> mask = there.map(NDArray::toFloatArray);
    float[] chosen = new float[choices.length];
    for (int row = 0; row < choices.length / atoms; row++) {
      boolean[] allowed = new boolean[atoms];
      boolean found = false;
      for (int i = 0; i < atoms; i++) {
        allowed[i] = mask.isEmpty() || mask.get()[row / answers * atoms + i] != 0;
        if (allowed[i] && choices[row * atoms + i] >= options.threshold()) {
          chosen[row * atoms + i] = 1;
          found = true;
        }
      }
      if (!found) {
        for (int place : Largest.of(choices, row * atoms, allowed, byRank, TIE)) {
          chosen[row * atoms + place] = 2;
        }
      }
    }
    return choice.getManager().create(chosen, shape);
  }
}
