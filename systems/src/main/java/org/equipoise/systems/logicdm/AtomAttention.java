package org.equipoise.systems.logicdm;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import java.util.Optional;
import org.equipoise.systems.layers.Dropout;
import org.equipoise.systems.layers.LayerNorm;
import org.equipoise.systems.layers.Linear;
import org.equipoise.systems.layers.MultiHeadAttention;
import org.equipoise.systems.layers.Parameters;
import org.equipoise.systems.layers.Tokens;

/**
 * One transformer layer among the atoms of a post and answer: {@code x = norm1(a + attention(a))},
 * then {@code norm2(x + ff2(relu(ff1(x))))}.
 */
final class AtomAttention {
  private final MultiHeadAttention attention;
  private final LayerNorm norm1;
  private final Linear ff1;
  private final Linear ff2;
  private final LayerNorm norm2;
  private final Dropout dropout;

  /** Parameters {@code <name>.{q,k,v,o,norm1,ff1,ff2,norm2}}. */
  AtomAttention(Parameters parameters, String name, long width, int heads, Dropout dropout) {
    attention = new MultiHeadAttention(parameters, name, width, heads);
    norm1 = LayerNorm.of(parameters, name + ".norm1", width);
    ff1 = Linear.of(parameters, name + ".ff1", width, 2 * width);
    ff2 = Linear.of(parameters, name + ".ff2", 2 * width, width);
    norm2 = LayerNorm.of(parameters, name + ".norm2", width);
    this.dropout = dropout;
  }

  /**
   * {@code [G, n, D] → [G, n, D]}.
   *
   * @param mask {@code [G, n]}, 1 for atoms that are there; empty where all are
   */
  NDArray forward(NDArray atoms, Optional<NDArray> mask, boolean training) {
    NDArray message = attention.forward(atoms, new Tokens(atoms, mask));
    NDArray x = norm1.forward(atoms.add(dropout.forward(message, training)));
    NDArray wide = dropout.forward(Activation.relu(ff1.forward(x)), training);
    NDArray change = dropout.forward(ff2.forward(wide), training);
    return norm2.forward(x.add(change));
  }
}
