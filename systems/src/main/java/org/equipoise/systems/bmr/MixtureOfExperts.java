package org.equipoise.systems.bmr;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.equipoise.systems.layers.BatchNorm;
import org.equipoise.systems.layers.Linear;
import org.equipoise.systems.layers.Parameters;
import org.equipoise.systems.layers.ScaledDotProduct;
import org.equipoise.systems.layers.SinusoidalPositions;
import org.equipoise.systems.layers.Tokens;

/**
 * BMR's improved mixture of experts: {@code Σ_e w_e · expert_e(x + positions)}, the first token's
 * results. The weights come from the tokens' attended sum and pass no softmax, so that an expert
 * may count negatively.
 */
final class MixtureOfExperts {
  private final Linear attentionHidden;
  private final Linear attentionScore;
  private final Linear gateHidden;
  private final BatchNorm gateNorm;
  private final Linear gateOut;
  private final List<Expert> experts;
  private final SinusoidalPositions positions;

  /**
   * What came out.
   *
   * @param view {@code [B, d]}
   * @param weights {@code [B, experts]}
   */
  record Result(NDArray view, NDArray weights) {}

  /**
   * Parameters {@code <name>.attention.{hidden,score}}, {@code <name>.gate_{hidden,norm,out}} and
   * {@code <name>.expert.<number>}.
   *
   * @param heads of the experts' attention; divides the width
   */
  MixtureOfExperts(Parameters parameters, String name, int width, int heads, int count) {
    attentionHidden = Linear.of(parameters, name + ".attention.hidden", width, width);
    attentionScore = Linear.of(parameters, name + ".attention.score", width / 2, 1);
    gateHidden = Linear.of(parameters, name + ".gate_hidden", width, width);
    gateNorm = new BatchNorm(parameters, name + ".gate_norm", width / 2);
    gateOut = Linear.of(parameters, name + ".gate_out", width / 2, count);
    experts =
        IntStream.range(0, count)
            .mapToObj(e -> new Expert(parameters, name + ".expert." + e, width, heads))
            .toList();
    positions = SinusoidalPositions.paired(width);
  }

  /** Reads tokens, 0 where masked, at the positions 0 … T − 1. */
  Result forward(Tokens tokens, boolean training) {
    return forward(tokens, positions.addTo(tokens.values()), training);
  }

  /**
   * Reads tokens, 0 where masked, at these positions.
   *
   * @param places post by post, as of {@link #counted}
   */
  Result forward(Tokens tokens, int[] places, boolean training) {
    return forward(tokens, positions.addTo(tokens.values(), places), training);
  }

  private Result forward(Tokens tokens, NDArray placed, boolean training) {
    NDArray x = tokens.values();
    NDArray scores = attentionScore.forward(SimpleGate.of(attentionHidden.forward(x)));
    NDArray attended = scores.swapAxes(1, 2).matMul(x).reshape(tokens.posts(), x.getShape().get(2));
    NDArray gate = SimpleGate.of(gateHidden.forward(attended));
    NDArray weights = gateOut.forward(gateNorm.forward(gate, training));

    Optional<NDArray> keyBias =
        tokens
            .mask()
            .map(mask -> ScaledDotProduct.keyBias(mask).reshape(tokens.posts(), 1, tokens.count()));
    NDList results = new NDList();
    experts.forEach(expert -> results.add(expert.forward(placed, keyBias)));
    NDArray stacked = NDArrays.stack(results, 1); // [B, experts, d]
    NDArray view =
        weights
            .reshape(tokens.posts(), 1, experts.size())
            .matMul(stacked)
            .reshape(attended.getShape());
    return new Result(view, weights);
  }

  /**
   * Positions that count only tokens that are there, post by post.
   *
   * @param mask {@code [B, T]}
   */
  static int[] counted(NDArray mask) {
    float[] there = mask.toFloatArray();
    int count = Math.toIntExact(mask.getShape().get(1));
    int[] places = new int[there.length];
    for (int i = 0; i < there.length; i++) {
      int before = i % count == 0 ? -1 : places[i - 1];
      places[i] = before + (there[i] != 0 ? 1 : 0);
    }
    for (int i = 0; i < places.length; i++) {
      places[i] = Math.max(0, places[i]);
    }
    return places;
  }
}
