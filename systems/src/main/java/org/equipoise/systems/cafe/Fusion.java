package org.equipoise.systems.cafe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Activation;
import java.util.List;
import java.util.Optional;
import org.equipoise.systems.layers.BatchNorm;
import org.equipoise.systems.layers.Concatenation;
import org.equipoise.systems.layers.Linear;
import org.equipoise.systems.layers.Parameters;
import org.equipoise.systems.layers.Scaling;

/**
 * Weighs what text and image say together against what each says alone: {@code [(1 − a) text; (1 −
 * a) image; a · correlation]} with the ambiguity a.
 */
final class Fusion {
  private final Linear correlation;
  private final BatchNorm norm;

  /** Parameters {@code <name>correlation} and {@code <name>correlation_norm}. */
  Fusion(Parameters parameters, String name, long width) {
    correlation = Linear.of(parameters, name + "correlation", width, width);
    norm = new BatchNorm(parameters, name + "correlation_norm", width);
  }

  /**
   * For each number of the text how much it singles out one number of the image, {@code [B, d]}:
   * the largest of {@code softmax_j(text_i · image_j / √d)}.
   */
  static NDArray pooled(NDArray text, NDArray image) {
    long posts = text.getShape().get(0);
    long width = text.getShape().get(1);
    NDArray products = text.reshape(posts, width, 1).mul(image.reshape(posts, 1, width));
    return largest(Scaling.times(products, 1 / Math.sqrt(width)).softmax(2));
  }

  /**
   * The largest over the last axis. Where several are equally large, as throughout the row of a
   * text's number that is 0, each has its share of the gradient: the engine's own maximum would
   * push the first alone.
   */
  private static NDArray largest(NDArray x) {
    int[] last = {2};
    NDArray values = x.stopGradient();
    NDArray ties = values.eq(values.max(last, true)).toType(x.getDataType(), false);
    return x.mul(ties.div(ties.sum(last, true))).sum(last);
  }

  /** What text and image say together, {@code [B, d]}. */
  NDArray correlation(NDArray text, NDArray image, boolean training) {
    return Activation.relu(norm.forward(correlation.forward(pooled(text, image)), training));
  }

  /**
   * {@code [B, Σ widths]}.
   *
   * @param alone what each modality says alone, {@code [B, width]}
   * @param together {@code [B, d]}
   * @param ambiguity {@code [B]}
   * @param complete {@code [B]}, 0 for posts that lack a modality: what they have says all; empty
   *     where all have both
   */
  static NDArray weigh(
      List<NDArray> alone, NDArray together, NDArray ambiguity, Optional<NDArray> complete) {
    NDArray a =
        complete.map(ambiguity::mul).orElse(ambiguity).reshape(ambiguity.getShape().get(0), 1);
    NDArray rest = a.neg().add(1f);
    NDList parts = new NDList();
    alone.forEach(part -> parts.add(part.mul(rest)));
    parts.add(together.mul(a));
    return Concatenation.of(parts, 1);
  }
}
