package org.equipoise.systems.logicdm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.equipoise.systems.engine.Engines;
import org.equipoise.systems.layers.Concatenation;
import org.equipoise.systems.layers.Dropout;
import org.equipoise.systems.layers.Linear;
import org.equipoise.systems.layers.Parameters;
import org.equipoise.systems.layers.Tokens;

/**
 * The objects of one kind: every node or every ordered pair of nodes becomes a vector, and those of
 * the largest score are kept, multiplied by it. A node's is {@code relu(dense x)}; a pair's {@code
 * relu(out(relu(hidden([a; b; a ⊙ b; a − b]))))}; the score {@code relu(dense object)}.
 *
 * <p>All are scored without gradients, since gradients reach the kept ones alone; these are then
 * made once more. A pair's wide vector is not built for the scores: {@code W [a; b; a ⊙ b; a − b] =
 * (W_1 + W_4) a + (W_2 − W_4) b + W_3 (a ⊙ b)}.
 */
final class Candidates {
  /** How many numbers of a hidden layer are held at once while scoring. */
  private static final long MOST = 1L << 22;

  private final ObjectKind kind;
  private final Vectors vectors;
  private final Linear score;
  private final long width;

  /** Makes vectors of nodes. */
  private sealed interface Vectors {}

  private record OfNode(Linear dense) implements Vectors {}

  private record OfPair(TwoLayers layers, NDArray weight, NDArray bias) implements Vectors {}

  /**
   * What a batch keeps of a kind.
   *
   * @param values {@code [B, K, D]}; 0 where a post has too few objects
   * @param places by post, the kept ones' numbers: of a node its place, of a pair {@code first ·
   *     count of second + second}
   */
  record Kept(NDArray values, int[][] places) {}

  /** Parameters {@code object_<kind>} and {@code score_<kind>}. */
  Candidates(Parameters parameters, ObjectKind kind, long width) {
    this.kind = kind;
    this.width = width;
    String name = "object_" + kind.name();
    if (kind.pair()) {
      TwoLayers layers =
          TwoLayers.of(parameters, name, 4 * width, 2 * width, width, new Dropout(0));
      Map<String, NDArray> all = parameters.byName();
      vectors =
          new OfPair(layers, all.get(name + ".hidden.weight"), all.get(name + ".hidden.bias"));
    } else {
      vectors = new OfNode(Linear.of(parameters, name, width, width));
    }
    score = Linear.of(parameters, "score_" + kind.name(), width, 1);
  }

  /** {@code [a; b; a ⊙ b; a − b]} along the last axis. */
  static NDArray pair(NDArray a, NDArray b) {
    return Concatenation.of(List.of(a, b, a.mul(b), a.sub(b)), a.getShape().dimension() - 1);
  }

  /** What a pair of vectors becomes, {@code [.., D]}; of kinds of pairs alone. */
  NDArray meet(NDArray a, NDArray b) {
    if (vectors instanceof OfPair pairs) {
      return Activation.relu(pairs.layers().forward(pair(a, b), false));
    }
    throw new IllegalStateException(kind + " is no pair");
  }

  /**
   * Keeps the K of largest score of each post; of equal scores the first.
   *
   * @param k K
   */
  Kept keep(Nodes nodes, int k) {
    int posts = (int) nodes.posts();
    float[] scores = Engines.withoutGradients(() -> scores(nodes));
    int candidates = scores.length / posts;
    int[][] places = new int[posts][];
    for (int post = 0; post < posts; post++) {
      places[post] = Largest.of(scores, post * candidates, there(nodes, post), k, 0);
    }
    NDArray made = objects(nodes, places, k);
    NDArray there = nodes.manager().create(found(places, k), new Shape((long) posts * k, 1));
    NDArray kept = made.mul(Activation.relu(score.forward(made))).mul(there);
    return new Kept(kept.reshape(posts, k, width), places);
  }

  private boolean[] there(Nodes nodes, int post) {
    boolean[] first = nodes.there(kind.parts().get(0), post);
    if (!kind.pair()) {
      return first;
    }
    boolean[] second = nodes.there(kind.parts().get(1), post);
    boolean[] both = new boolean[first.length * second.length];
    for (int i = 0; i < both.length; i++) {
      both[i] = first[i / second.length] && second[i % second.length];
    }
    return both;
  }

  /** {@code [B · K]}: 1 for a kept object, 0 for a place that stays empty. */
  static float[] found(int[][] places, int k) {
    float[] found = new float[places.length * k];
    for (int post = 0; post < places.length; post++) {
      Arrays.fill(found, post * k, post * k + places[post].length, 1);
    }
    return found;
  }

  /** {@code [B · K, D]}: those objects, the first candidate in places that stay empty. */
  private NDArray objects(Nodes nodes, int[][] places, int k) {
    if (vectors instanceof OfPair) {
      int seconds = (int) nodes.tokens().get(kind.parts().get(1)).count();
      return meet(
          rows(nodes, 0, places, k, seconds, true), rows(nodes, 1, places, k, seconds, false));
    }
    return Activation.relu(((OfNode) vectors).dense().forward(rows(nodes, 0, places, k, 1, true)));
  }

  /** {@code [B · K, D]}: the first or the second nodes of these objects. */
  private NDArray rows(Nodes nodes, int part, int[][] places, int k, int seconds, boolean first) {
    Tokens tokens = nodes.tokens().get(kind.parts().get(part));
    long[] rows = new long[places.length * k];
    for (int post = 0; post < places.length; post++) {
      for (int i = 0; i < k; i++) {
        int place = i < places[post].length ? places[post][i] : 0;
        rows[post * k + i] = post * tokens.count() + (first ? place / seconds : place % seconds);
      }
    }
    NDArray values = tokens.values();
    return values.reshape(-1, width).get(values.getManager().create(rows));
  }

  /** {@code [B · candidates]}. */
  private float[] scores(Nodes nodes) {
    NDArray first = nodes.tokens().get(kind.parts().get(0)).values();
    if (vectors instanceof OfNode node) {
      return Activation.relu(score.forward(Activation.relu(node.dense().forward(first))))
          .toFloatArray();
    }
    return scores((OfPair) vectors, first, nodes.tokens().get(kind.parts().get(1)).values());
  }

  private float[] scores(OfPair pairs, NDArray first, NDArray second) {
    int posts = (int) first.getShape().get(0);
    int firsts = (int) first.getShape().get(1);
    int seconds = (int) second.getShape().get(1);
    int candidates = firsts * seconds;
    int chunk = (int) Math.max(1, MOST / (2 * width * candidates));
    float[] scores = new float[posts * candidates];
    for (int from = 0; from < posts; from += chunk) {
      int to = Math.min(posts, from + chunk);
      try (NDManager scope = first.getManager().newSubManager()) {
        NDArray a = first.get("{}:{}", from, to);
        NDArray b = second.get("{}:{}", from, to);
        a.attach(scope);
        b.attach(scope);
        float[] own = scores(pairs, a, b, scope);
        System.arraycopy(own, 0, scores, from * candidates, own.length);
      }
    }
    return scores;
  }

  private float[] scores(OfPair pairs, NDArray a, NDArray b, NDManager scope) {
    NDArray[] columns = new NDArray[4];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = pairs.weight().get(":, {}:{}", i * width, (i + 1) * width);
      columns[i].attach(scope);
    }
    NDArray ofFirst = linear(a, columns[0].add(columns[3]));
    NDArray ofSecond = linear(b, columns[1].sub(columns[3])).add(pairs.bias());
    NDArray hidden = linear(a.expandDims(2).mul(b.expandDims(1)), columns[2]);
    hidden.addi(ofFirst.expandDims(2)).addi(ofSecond.expandDims(1));
    NDArray objects = Activation.relu(pairs.layers().out().forward(Activation.relu(hidden)));
    return Activation.relu(score.forward(objects)).toFloatArray();
  }

  private static NDArray linear(NDArray x, NDArray weight) {
    return x.getNDArrayInternal().linear(x, weight, null).singletonOrThrow();
  }
}
