package org.equipoise.systems.layers;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One dense layer over several vectors joined, {@code W [r_1; …; r_N] + b}, and each vector's share
 * of its result, {@code W_m r_m + b/N}, W_m being the columns of W that read r_m.
 */
public final class JoinedHead {
  private final Map<String, Long> widths;
  private final NDArray weight;
  private final NDArray bias;

  /**
   * Parameters {@code <name>.weight [classes, Σ widths]} and {@code <name>.bias [classes]}.
   *
   * @param widths by part, in the order in which they join
   */
  public JoinedHead(Parameters parameters, String name, Map<String, Long> widths, long classes) {
    this.widths = new LinkedHashMap<>(widths);
    long joined = widths.values().stream().mapToLong(Long::longValue).sum();
    weight = parameters.uniform(name + ".weight", joined, classes, joined);
    bias = parameters.uniform(name + ".bias", joined, classes);
  }

  /**
   * The whole result, {@code [B, classes]}.
   *
   * @param parts {@code [B, width]} by part
   */
  public NDArray forward(Map<String, NDArray> parts) {
    NDArray joined = joined(parts);
    return joined.getNDArrayInternal().linear(joined, weight, bias).singletonOrThrow();
  }

  /** The names of its parameters. */
  public List<String> names() {
    return List.of(weight.getName(), bias.getName());
  }

  /** What {@link #forward} multiplies, {@code [B, Σ widths]}. */
  public NDArray joined(Map<String, NDArray> parts) {
    List<NDArray> inOrder = new ArrayList<>();
    widths.keySet().forEach(part -> inOrder.add(parts.get(part)));
    return Concatenation.of(inOrder, 1);
  }

  /**
   * Each part's share by part, {@code [B, classes]}; 0 for posts that lack it.
   *
   * @param presence by part {@code [B]}; left out where every post has it
   */
  public Map<String, NDArray> shares(Map<String, NDArray> parts, Map<String, NDArray> presence) {
    Map<String, NDArray> shares = new LinkedHashMap<>();
    // slices and shares of parameters belong to the parameters' manager, which outlives the batch
    try (NDArray biasShare = Scaling.times(bias, 1.0 / widths.size())) {
      long from = 0;
      for (Map.Entry<String, Long> part : widths.entrySet()) {
        long to = from + part.getValue();
        NDArray x = parts.get(part.getKey());
        try (NDArray columns = weight.get(":, {}:{}", from, to)) {
          NDArray share = x.getNDArrayInternal().linear(x, columns, biasShare).singletonOrThrow();
          shares.put(
              part.getKey(),
              Optional.ofNullable(presence.get(part.getKey()))
                  .map(there -> share.mul(there.reshape(there.getShape().get(0), 1)))
                  .orElse(share));
        }
        from = to;
      }
    }
    return shares;
  }
}
