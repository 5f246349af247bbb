package org.equipoise.systems.losses;

import ai.djl.ndarray.NDArray;
import org.equipoise.systems.layers.Scaling;

/**
 * Draws posts of one class together and pushes classes apart (Eq. 18): for each post n with unit
 * vectors x̂, {@code −1/|P| Σ_p [x̂_n·x̂_p/τ − log Σ_a exp(x̂_n·x̂_a/τ)]} over the other posts p of
 * its class and the posts a of other classes, averaged over the posts that have both; 0 where none
 * has.
 */
public final class SupervisedContrastive {
  private static final float MASKED = 1e9f;

  private SupervisedContrastive() {}

  /**
   * The loss, a scalar.
   *
   * @param x {@code [B, F]}; any length, also 0
   * @param labels {@code [B]}, int64
   * @param temperature τ
   */
  public static NDArray of(NDArray x, NDArray labels, double temperature) {
    long posts = x.getShape().get(0);
    NDArray unit = x.normalize(2, 1);
    NDArray similarity = Scaling.times(unit.matMul(unit.transpose()), 1 / temperature);
    NDArray same =
        labels.reshape(posts, 1).eq(labels.reshape(1, posts)).toType(x.getDataType(), false);
    NDArray positive = same.sub(x.getManager().eye((int) posts, (int) posts, 0, x.getDataType()));
    NDArray positives = positive.sum(new int[] {1});
    NDArray negative = same.neg().add(1f);

    // a row without negatives becomes -1e9 throughout: finite, and its weight below is 0
    NDArray masked = similarity.mul(negative).sub(Scaling.times(same, MASKED));
    NDArray largest = masked.stopGradient().max(new int[] {1}, true);
    NDArray denominator =
        masked.sub(largest).exp().sum(new int[] {1}).log().add(largest.reshape(posts));
    NDArray attraction = similarity.mul(positive).sum(new int[] {1}).div(positives.maximum(1f));
    NDArray counts =
        positives.gt(0).logicalAnd(positives.lt(posts - 1)).toType(x.getDataType(), false);
    return denominator.sub(attraction).mul(counts).sum().div(counts.sum().maximum(1f));
  }
}
