package org.equipoise.systems.mrml;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Activation;
import java.util.Optional;
import org.equipoise.systems.layers.Scaling;

/**
 * The two losses that compare the posts of a batch by their labels. Posts that lack a modality take
 * no part in them.
 */
final class MetricLosses {
  private static final float MARGIN = 0.2f;
  private static final float BOUND = 5;
  private static final double EXCLUDED = 1e9;

  private final NDArray same;
  private final NDArray different;
  private final NDArray count;
  private final int posts;

  /**
   * Compares those posts.
   *
   * @param labels {@code [B]} int64
   * @param complete {@code [B]}, 1 for posts that have both modalities; empty where all have
   */
  MetricLosses(NDArray labels, Optional<NDArray> complete) {
    NDManager manager = labels.getManager();
    posts = (int) labels.getShape().get(0);
    NDArray equal =
        labels.reshape(posts, 1).eq(labels.reshape(1, posts)).toType(DataType.FLOAT32, false);
    NDArray there = complete.orElseGet(() -> manager.ones(labels.getShape()));
    NDArray pairs = there.reshape(posts, 1).mul(there.reshape(1, posts));
    same = equal.sub(manager.eye(posts)).mul(pairs);
    different = equal.neg().add(1f).mul(pairs);
    count = there.sum().maximum(1f);
  }

  /**
   * {@code (Σ_i max_j [0.2 + s_ij − s_ii]₊ + Σ_j max_i [0.2 + s_ij − s_jj]₊) / B} over pairs of
   * different labels, a scalar.
   *
   * @param similarity {@code [B, B]}, of image i and text j
   */
  NDArray pairwise(NDArray similarity) {
    NDArray own = similarity.mul(similarity.getManager().eye(posts)).sum(new int[] {1});
    NDArray rows = hinge(similarity.sub(own.reshape(posts, 1))).max(new int[] {1});
    NDArray columns = hinge(similarity.sub(own.reshape(1, posts))).max(new int[] {0});
    return rows.sum().add(columns.sum()).div(count);
  }

  private NDArray hinge(NDArray excess) {
    return Activation.relu(excess.add(MARGIN)).mul(different);
  }

  /**
   * {@code Σ_i (0.2 + sigmoid(clip(‖e_i − e_p‖² − ‖e_i − e_n‖², ±5))) / B}, a scalar: p is the post
   * of i's label, n the post of another one, that resemble i most by the direct modality's cosine.
   * Posts without either are left out.
   *
   * @param direct {@code [B, d]}: one modality's features; no gradient reaches them
   * @param embedding {@code [B, d]}: the other modality's, where distances are taken
   */
  NDArray triplet(NDArray direct, NDArray embedding) {
    NDArray positives = embedding.get(nearest(direct, same));
    NDArray negatives = embedding.get(nearest(direct, different));
    NDArray excess =
        squaredDistance(embedding, positives).sub(squaredDistance(embedding, negatives));
    // clip to ±5; the engine's own keeps numbers that Java may free
    NDArray clipped =
        Activation.relu(Activation.relu(excess.add(BOUND)).neg().add(2 * BOUND)).neg().add(BOUND);
    NDArray both = same.max(new int[] {1}).mul(different.max(new int[] {1}));
    return Activation.sigmoid(clipped).add(MARGIN).mul(both).sum().div(count);
  }

  /** For each post the one of the largest cosine among those marked 1, {@code [B]} int64. */
  static NDArray nearest(NDArray direct, NDArray among) {
    NDArray unit = direct.stopGradient().normalize(2, 1);
    NDArray cosines = unit.matMul(unit.transpose());
    return cosines.sub(Scaling.times(among.neg().add(1f), EXCLUDED)).argMax(1);
  }

  /** Marks pairs of different posts with one label, {@code [B, B]}. */
  NDArray same() {
    return same;
  }

  /** Marks pairs of posts with different labels, {@code [B, B]}. */
  NDArray different() {
    return different;
  }

  private static NDArray squaredDistance(NDArray x, NDArray y) {
    NDArray difference = x.sub(y);
    return difference.mul(difference).sum(new int[] {1});
  }
}
