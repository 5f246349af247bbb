package org.equipoise.systems.layers;

import ai.djl.ndarray.NDArray;
import java.util.Optional;

/**
 * Multi-head attention of one sequence to another or to itself: {@code o(softmax(q(x) k(y)ᵀ /
 * √(d/h)) v(y))} (Vaswani et al. 2017). Masked tokens of y are not attended to; for a post without
 * any token of y the result means nothing, and the caller takes it out.
 */
public final class MultiHeadAttention {
  private final Linear query;
  private final Linear key;
  private final Linear value;
  private final Linear out;
  private final int heads;

  /**
   * Parameters {@code <name>.q}, {@code .k}, {@code .v} and {@code .o}, each width → width.
   *
   * @param heads h; divides the width
   */
  public MultiHeadAttention(Parameters parameters, String name, long width, int heads) {
    if (width % heads != 0) {
      throw new IllegalArgumentException("width " + width + " is not divisible by " + heads);
    }
    query = Linear.of(parameters, name + ".q", width, width);
    key = Linear.of(parameters, name + ".k", width, width);
    value = Linear.of(parameters, name + ".v", width, width);
    out = Linear.of(parameters, name + ".o", width, width);
    this.heads = heads;
  }

  /**
   * Attends.
   *
   * @param x {@code [B, T, d]}, what asks
   * @param y {@code [B, K, d]}, what is attended to
   * @return {@code [B, T, d]}
   */
  public NDArray forward(NDArray x, Tokens y) {
    long width = x.getShape().get(2);
    double scale = 1 / Math.sqrt((double) width / heads);
    Optional<NDArray> keyBias =
        y.mask().map(mask -> ScaledDotProduct.keyBias(mask).reshape(y.posts(), 1, 1, y.count()));
    try (NDArray asked = query.forward(x);
        NDArray scaled = Scaling.times(asked, scale);
        NDArray keys = key.forward(y.values());
        NDArray values = value.forward(y.values());
        NDArray queryHeads = split(scaled);
        NDArray keyHeads = split(keys);
        NDArray valueHeads = split(values);
        NDArray found = ScaledDotProduct.attend(queryHeads, keyHeads, valueHeads, keyBias);
        NDArray tokenMajor = found.transpose(0, 2, 1, 3);
        NDArray joined = tokenMajor.reshape(x.getShape())) {
      return out.forward(joined);
    }
  }

  /** {@code [B, T, d] → [B, h, T, d/h]}. */
  private NDArray split(NDArray x) {
    long posts = x.getShape().get(0);
    long tokens = x.getShape().get(1);
    try (NDArray apart = x.reshape(posts, tokens, heads, x.getShape().get(2) / heads)) {
      return apart.transpose(0, 2, 1, 3);
    }
  }
}
