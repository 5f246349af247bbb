package org.equipoise.systems.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Activation;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.equipoise.core.Modality;

/**
 * The cross-transformer of one kind of views (Eqs. 6 and 7): layers in which each view attends to
 * the views of the other modalities, with one set of parameters for all directions. A layer maps a
 * view's tokens a to {@code norm2(x + drop(ff2(drop(relu(ff1(x))))))} with {@code x = norm1(a +
 * drop(attention))}; all views are read before any is changed.
 */
public final class CrossTransformer {
  private final List<Layer> layers;
  private final Dropout dropout;

  private record Layer(
      CrossAttention attention, LayerNorm norm1, Linear ff1, Linear ff2, LayerNorm norm2) {}

  /**
   * Parameters {@code <name>.<layer>.{q,k,v,o,norm1,ff1,ff2,norm2}}.
   *
   * @param depth L, how many layers
   * @param width d, tokens' width
   * @param heads h; divides the width
   * @param feedForward width between ff1 and ff2
   */
  public CrossTransformer(
      Parameters parameters,
      String name,
      int depth,
      long width,
      int heads,
      long feedForward,
      Dropout dropout) {
    this.dropout = dropout;
    this.layers =
        IntStream.range(0, depth)
            .mapToObj(
                i -> {
                  String layer = name + "." + i;
                  return new Layer(
                      new CrossAttention(parameters, layer, width, heads),
                      LayerNorm.of(parameters, layer + ".norm1", width),
                      Linear.of(parameters, layer + ".ff1", width, feedForward),
                      Linear.of(parameters, layer + ".ff2", feedForward, width),
                      LayerNorm.of(parameters, layer + ".norm2", width));
                })
            .toList();
  }

  /**
   * Runs all layers.
   *
   * @param views one kind's views, {@code [B, T, d]} each
   * @param modalities of each view
   * @return as many, of the same shapes
   */
  public List<Tokens> forward(List<Tokens> views, List<Modality> modalities, boolean training) {
    List<int[]> partners =
        modalities.stream()
            .map(
                own ->
                    IntStream.range(0, modalities.size())
                        .filter(other -> modalities.get(other) != own)
                        .toArray())
            .toList();
    CrossAttention.Plan plan = CrossAttention.Plan.of(views, partners);
    NDArray rows = join(views);
    for (Layer layer : layers) {
      try (NDArray before = rows) {
        rows = forward(layer, before, plan, training);
      }
    }
    return split(rows, views, plan);
  }

  private NDArray forward(Layer layer, NDArray rows, CrossAttention.Plan plan, boolean training) {
    // closing what is done with frees it early; what a gradient needs, the engine keeps
    try (NDArray x = attended(layer, rows, plan, training);
        NDArray wide = layer.ff1.forward(x);
        NDArray active = Activation.relu(wide);
        NDArray kept = dropout.forward(active, training);
        NDArray narrow = layer.ff2.forward(kept);
        NDArray change = dropout.forward(narrow, training);
        NDArray sum = x.add(change)) {
      return layer.norm2.forward(sum);
    }
  }

  private NDArray attended(Layer layer, NDArray rows, CrossAttention.Plan plan, boolean training) {
    if (plan.isolated()) {
      return layer.norm1.forward(rows);
    }
    try (NDArray message = layer.attention.forward(rows, plan);
        NDArray change = dropout.forward(message, training);
        NDArray sum = rows.add(change)) {
      return layer.norm1.forward(sum);
    }
  }

  private static NDArray join(List<Tokens> views) {
    NDList rows = new NDList();
    for (Tokens view : views) {
      long width = view.values().getShape().get(2);
      rows.add(view.values().reshape(view.posts() * view.count(), width));
    }
    return Concatenation.of(rows, 0);
  }

  private static List<Tokens> split(NDArray rows, List<Tokens> views, CrossAttention.Plan plan) {
    NDList parts = rows.split(plan.bounds());
    List<Tokens> result = new ArrayList<>();
    for (int i = 0; i < views.size(); i++) {
      Tokens view = views.get(i);
      result.add(view.with(parts.get(i).reshape(view.values().getShape())));
    }
    return result;
  }
}
