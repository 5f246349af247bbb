package org.equipoise.systems.mrml;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.equipoise.core.Modality;
import org.equipoise.systems.layers.Linear;
import org.equipoise.systems.layers.Parameters;

/**
 * Multi-rank fusion, a bilinear product of low rank: {@code m(v, t) = Σ_r A_r(v) ⊙ B_r(t)}. With
 * one modality the other's factor is 1.
 */
final class MultiRankFusion {
  private final Map<Modality, List<Linear>> ranks;

  /** Parameters {@code rank_<modality>.<r>}, for each modality. */
  MultiRankFusion(
      Parameters parameters, List<Modality> modalities, int count, long width, long fused) {
    ranks = new java.util.EnumMap<>(Modality.class);
    for (Modality modality : modalities) {
      List<Linear> layers = new ArrayList<>();
      for (int rank = 0; rank < count; rank++) {
        layers.add(Linear.of(parameters, "rank_" + modality.id() + "." + rank, width, fused));
      }
      ranks.put(modality, layers);
    }
  }

  /** A modality's factors, {@code [B, fused]} for each rank. */
  List<NDArray> factors(Modality modality, NDArray x) {
    return ranks.get(modality).stream().map(layer -> layer.forward(x)).toList();
  }

  /** Each post's own pair, {@code [B, fused]}. */
  static NDArray own(List<List<NDArray>> factors) {
    NDArray sum = null;
    for (int rank = 0; rank < factors.get(0).size(); rank++) {
      int each = rank;
      NDArray product =
          factors.stream()
              .map(ofModality -> ofModality.get(each))
              .reduce(NDArray::mul)
              .orElseThrow();
      sum = sum == null ? product : sum.add(product);
    }
    return sum;
  }

  /**
   * {@code w · m(v_i, t_j)} for every pair, {@code [B, B]}: the weighted sum over the fused numbers
   * is a product of matrices, so that the pairs themselves need not be made.
   *
   * @param weight w, {@code [1, fused]}
   */
  static NDArray scores(List<NDArray> image, List<NDArray> text, NDArray weight) {
    NDArray sum = null;
    for (int rank = 0; rank < image.size(); rank++) {
      NDArray product = image.get(rank).mul(weight).matMul(text.get(rank).transpose());
      sum = sum == null ? product : sum.add(product);
    }
    return sum;
  }
}
