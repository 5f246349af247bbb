package org.equipoise.systems.bmr;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import java.util.Optional;
import org.equipoise.systems.layers.LayerNorm;
import org.equipoise.systems.layers.Linear;
import org.equipoise.systems.layers.Parameters;
import org.equipoise.systems.layers.Scaling;

/**
 * The first token's result of a transformer block that normalises before (Dosovitskiy et al. 2021):
 * {@code a = x + proj(attention(norm1(x)))}, {@code a + fc2(gelu(fc1(norm2(a))))}.
 *
 * <p>Nobody reads the other tokens' results, so they are not computed. And with one query q = W_q n
 * a head's scores {@code q · W_k n_t} are {@code (W_kᵀ q) · n_t}, its result {@code Σ w_t W_v n_t}
 * is {@code W_v Σ w_t n_t}: no token but the first passes a projection.
 */
final class Expert {
  private static final int WIDENING = 4;

  private final int heads;
  private final LayerNorm norm1;
  private final NDArray projections;
  private final Linear proj;
  private final LayerNorm norm2;
  private final Linear fc1;
  private final Linear fc2;

  /**
   * Parameters {@code <name>.{norm1,norm2,qkv,proj,fc1,fc2}}, qkv without bias.
   *
   * @param heads divides the width
   */
  Expert(Parameters parameters, String name, long width, int heads) {
    this.heads = heads;
    norm1 = LayerNorm.of(parameters, name + ".norm1", width);
    norm2 = LayerNorm.of(parameters, name + ".norm2", width);
    projections = parameters.uniform(name + ".qkv.weight", width, 3 * width, width);
    proj = Linear.of(parameters, name + ".proj", width, width);
    fc1 = Linear.of(parameters, name + ".fc1", width, WIDENING * width);
    fc2 = Linear.of(parameters, name + ".fc2", WIDENING * width, width);
  }

  /**
   * Reads the tokens.
   *
   * @param tokens {@code [B, T, d]}
   * @param keyBias {@code [B, 1, T]}, added to the scores; empty where every token is there
   * @return {@code [B, d]}
   */
  NDArray forward(NDArray tokens, Optional<NDArray> keyBias) {
    NDArray normal = norm1.forward(tokens);
    NDArray a = tokens.get(":, 0").add(proj.forward(attend(normal, keyBias)));
    return a.add(fc2.forward(Activation.gelu(fc1.forward(norm2.forward(a)))));
  }

  private NDArray attend(NDArray normal, Optional<NDArray> keyBias) {
    long posts = normal.getShape().get(0);
    long width = normal.getShape().get(2);
    long perHead = width / heads;
    // parts of parameters belong to the parameters' manager, which outlives the batch
    try (NDArray query = projections.get(":{}", width);
        NDArray key = projections.get("{}:{}", width, 2 * width);
        NDArray value = projections.get("{}:", 2 * width);
        NDArray keyHeads = key.reshape(heads, perHead, width);
        NDArray valueHeads = value.reshape(heads, perHead, width);
        NDArray valueColumns = valueHeads.swapAxes(1, 2)) {
      NDArray first = normal.get(":, 0");
      NDArray asked = first.getNDArrayInternal().linear(first, query, null).singletonOrThrow();
      NDArray byHead = Scaling.times(asked, 1 / Math.sqrt(perHead)).reshape(posts, heads, perHead);
      NDArray directions = byHead.swapAxes(0, 1).matMul(keyHeads).swapAxes(0, 1); // [B, h, d]
      NDArray scores = directions.matMul(normal.swapAxes(1, 2)); // [B, h, T]
      NDArray weights = keyBias.map(scores::add).orElse(scores).softmax(-1);
      NDArray found = weights.matMul(normal); // [B, h, d]
      NDArray answers = found.swapAxes(0, 1).matMul(valueColumns); // [h, B, d/h]
      return answers.swapAxes(0, 1).reshape(posts, width);
    }
  }
}
