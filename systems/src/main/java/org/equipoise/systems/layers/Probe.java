package org.equipoise.systems.layers;

import ai.djl.ndarray.NDArray;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Measures what each view says alone (Eq. 2): the logits of a view are {@code W mean_T(z) + b/V}
 * with one bias for all V views. It reads z detached, so that its loss never moves the network.
 */
public final class Probe {
  private final Map<String, Linear> weights = new LinkedHashMap<>();
  private final NDArray bias;

  /**
   * Parameters {@code probe.<view>.weight [classes, width]} and {@code probe_bias [classes]}.
   *
   * @param views their names
   */
  public Probe(Parameters parameters, Iterable<String> views, long width, long classes) {
    for (String view : views) {
      weights.put(view, Linear.withoutBias(parameters, "probe." + view, width, classes));
    }
    bias = parameters.uniform("probe_bias", width, classes);
  }

  /**
   * The same for views of different widths.
   *
   * @param widths by view, at least one
   */
  public Probe(Parameters parameters, Map<String, Long> widths, long classes) {
    widths.forEach(
        (view, width) ->
            weights.put(view, Linear.withoutBias(parameters, "probe." + view, width, classes)));
    bias = parameters.uniform("probe_bias", Collections.max(widths.values()), classes);
  }

  /**
   * All views' logits, {@code [B, classes]} each.
   *
   * @param means by view {@code [B, width]}
   * @param presence by view {@code [B]}; left out where every post has the view
   */
  public Map<String, NDArray> forward(Map<String, NDArray> means, Map<String, NDArray> presence) {
    Map<String, NDArray> logits = new LinkedHashMap<>();
    means.forEach(
        (view, mean) ->
            logits.put(view, forward(view, mean, Optional.ofNullable(presence.get(view)))));
    return logits;
  }

  /**
   * A view's logits {@code [B, classes]}; 0 for posts that lack it.
   *
   * @param mean {@code [B, width]}: z averaged over its tokens
   * @param presence {@code [B]}; empty where every post has the view
   */
  public NDArray forward(String view, NDArray mean, Optional<NDArray> presence) {
    // the share belongs to the parameters' manager, which outlives the batch
    try (NDArray share = Scaling.times(bias, 1.0 / weights.size());
        NDArray detached = mean.stopGradient();
        NDArray product = weights.get(view).forward(detached)) {
      NDArray logits = product.add(share);
      return presence
          .map(there -> logits.mul(there.reshape(there.getShape().get(0), 1)))
          .orElse(logits);
    }
  }
}
