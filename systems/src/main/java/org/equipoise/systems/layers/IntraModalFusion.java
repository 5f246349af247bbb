package org.equipoise.systems.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.List;
import java.util.Optional;

/**
 * Weighs a modality's views (Eqs. 8 to 11): the score of a view is {@code score(tanh(hidden(x)))},
 * the scores of the views that the post has pass a softmax, and the result is the weighted sum. A
 * post without any of the views gets 0.
 */
public final class IntraModalFusion {
  private static final float MASKED = 1e9f;

  private final Linear hidden;
  private final Linear score;

  /** Parameters {@code <name>.hidden}, width → inner, and {@code <name>.score} without bias. */
  public IntraModalFusion(Parameters parameters, String name, long width, long inner) {
    hidden = Linear.of(parameters, name + ".hidden", width, inner);
    score = Linear.withoutBias(parameters, name + ".score", inner, 1);
  }

  /**
   * What came out.
   *
   * @param fused {@code [B, d]}
   * @param weights {@code [B, views]}; they add up to 1, or to 0 where the post has no view
   */
  public record Result(NDArray fused, NDArray weights) {}

  /**
   * Fuses.
   *
   * @param views {@code [B, d]} each, 0 where the post lacks the view
   * @param presence {@code [B]} each; empty where every post has the view
   */
  public Result forward(List<NDArray> views, List<Optional<NDArray>> presence) {
    long posts = views.get(0).getShape().get(0);
    int count = views.size();
    NDArray stacked = NDArrays.stack(new NDList(views)); // [views, B, d]
    NDArray scores =
        score.forward(hidden.forward(stacked).tanh()).reshape(count, posts).transpose();
    Optional<NDArray> there = together(presence, views.get(0));
    NDArray weights =
        there
            .map(
                present ->
                    scores.add(Scaling.times(present.sub(1f), MASKED)).softmax(1).mul(present))
            .orElseGet(() -> scores.softmax(1));
    NDArray fused =
        weights
            .reshape(posts, 1, count)
            .matMul(stacked.swapAxes(0, 1))
            .reshape(posts, stacked.getShape().get(2));
    return new Result(fused, weights);
  }

  /** {@code [B, views]}; empty where nothing is missing. */
  private static Optional<NDArray> together(List<Optional<NDArray>> presence, NDArray like) {
    if (presence.stream().allMatch(Optional::isEmpty)) {
      return Optional.empty();
    }
    NDList columns = new NDList();
    for (Optional<NDArray> view : presence) {
      columns.add(view.orElseGet(() -> like.getManager().ones(like.getShape().slice(0, 1))));
    }
    return Optional.of(NDArrays.stack(columns, 1));
  }
}
