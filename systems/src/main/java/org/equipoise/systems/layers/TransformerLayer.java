package org.equipoise.systems.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import java.util.function.UnaryOperator;

/**
 * A transformer's layer that normalises after adding (Vaswani et al. 2017), with GELU as BERT has
 * it: {@code a = norm1(x + drop(attention(x, y)))}, {@code norm2(a + drop(outer(gelu(inner(a)))))}.
 *
 * @param norm1 over the last axis
 * @param norm2 over the last axis
 */
public record TransformerLayer(
    MultiHeadAttention attention,
    UnaryOperator<NDArray> norm1,
    Linear inner,
    Linear outer,
    UnaryOperator<NDArray> norm2,
    Dropout dropout) {

  /**
   * Runs the layer.
   *
   * @param x {@code [B, T, d]}, what asks
   * @param y what is attended to
   * @return {@code [B, T, d]}
   */
  public NDArray forward(NDArray x, Tokens y, boolean training) {
    // closing what is done with frees it early; what a gradient needs, the engine keeps
    try (NDArray message = attention.forward(x, y);
        NDArray change = dropout.forward(message, training);
        NDArray sum = x.add(change);
        NDArray a = norm1.apply(sum);
        NDArray wide = inner.forward(a);
        NDArray active = Activation.gelu(wide);
        NDArray narrow = outer.forward(active);
        NDArray second = dropout.forward(narrow, training);
        NDArray total = a.add(second)) {
      return norm2.apply(total);
    }
  }
}
