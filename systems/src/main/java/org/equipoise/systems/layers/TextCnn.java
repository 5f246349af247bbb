package org.equipoise.systems.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Convolutions over windows of tokens, their largest answers and nothing else of them (Kim 2014):
 * {@code max_t act(conv_k(tokens))} for each window length k, joined in the order of the windows,
 * {@code [B, T, d] → [B, windows · filters]}.
 *
 * <p>Masked tokens are zeros. A post with fewer tokens than a window is long is padded with zeros
 * to one window; beyond that, windows that reach into padding do not count, so that a post's answer
 * does not depend on how long the others of its batch are.
 */
public final class TextCnn {
  private static final double EXCLUDED = 1e9;

  private final Map<Integer, Convolution> convolutions = new LinkedHashMap<>();
  private final UnaryOperator<NDArray> activation;

  private record Convolution(NDArray weight, NDArray bias, Optional<BatchNorm> norm) {}

  private TextCnn(
      Parameters parameters,
      String name,
      long width,
      List<Integer> windows,
      long filters,
      boolean normalised,
      UnaryOperator<NDArray> activation) {
    for (int window : windows) {
      String own = name + "." + window;
      convolutions.put(
          window,
          new Convolution(
              parameters.uniform(own + ".weight", window * width, filters, window, width),
              parameters.uniform(own + ".bias", window * width, filters),
              normalised
                  ? Optional.of(new BatchNorm(parameters, own + ".norm", filters))
                  : Optional.empty()));
    }
    this.activation = activation;
  }

  /**
   * Parameters {@code <name>.<window>.weight [filters, window, d]} and {@code <name>.<window>.bias
   * [filters]}.
   *
   * @param activation may not fall anywhere
   */
  public static TextCnn of(
      Parameters parameters,
      String name,
      long width,
      List<Integer> windows,
      long filters,
      UnaryOperator<NDArray> activation) {
    return new TextCnn(parameters, name, width, windows, filters, false, activation);
  }

  /**
   * The same with a batch normalisation over posts and positions before the activation, {@code
   * <name>.<window>.norm}; its figures while training count windows over padding too.
   */
  public static TextCnn normalised(
      Parameters parameters,
      String name,
      long width,
      List<Integer> windows,
      long filters,
      UnaryOperator<NDArray> activation) {
    return new TextCnn(parameters, name, width, windows, filters, true, activation);
  }

  public NDArray forward(Tokens tokens, boolean training) {
    NDList answers = new NDList();
    convolutions.forEach(
        (window, convolution) -> answers.add(largest(tokens, window, convolution, training)));
    return Concatenation.of(answers, 1);
  }

  /** {@code [B, filters]}. */
  private NDArray largest(Tokens tokens, int window, Convolution own, boolean training) {
    NDArray x = padded(tokens.values(), window);
    long posts = x.getShape().get(0);
    long positions = x.getShape().get(1) - window + 1;
    NDArray sum = convolve(x, own.weight(), positions).add(own.bias());
    if (own.norm().isPresent()) {
      long filters = sum.getShape().get(2);
      sum =
          own.norm()
              .get()
              .forward(sum.reshape(posts * positions, filters), training)
              .reshape(posts, positions, filters);
    }
    NDArray masked =
        tokens
            .mask()
            .filter(mask -> positions > 1)
            .map(mask -> excluded(mask, window, positions))
            .map(sum::sub)
            .orElse(sum);
    // an activation that never falls leaves the largest where it is
    return activation.apply(masked.max(new int[] {1}));
  }

  /**
   * The window's tokens times their share of the filters, all shares in one product:
   *
   * <p>{@code sum_f(t) = Σ_i x(t + i) · W_f,i}
   */
  private static NDArray convolve(NDArray x, NDArray weight, long positions) {
    long filters = weight.getShape().get(0);
    int window = (int) weight.getShape().get(1);
    long width = weight.getShape().get(2);
    // the turned weights belong to the parameters' manager, which outlives the batch
    try (NDArray turned = weight.swapAxes(0, 1);
        NDArray flat = turned.reshape(window * filters, width)) {
      NDArray products =
          x.getNDArrayInternal().linear(x, flat, null).singletonOrThrow(); // [B, T, window·filters]
      NDArray sum = null;
      for (int i = 0; i < window; i++) {
        NDArray shifted =
            products.get(":, {}:{}, {}:{}", i, i + positions, i * filters, (i + 1) * filters);
        sum = sum == null ? shifted : sum.add(shifted);
      }
      return sum;
    }
  }

  private static NDArray padded(NDArray x, int window) {
    long missing = window - x.getShape().get(1);
    if (missing <= 0) {
      return x;
    }
    NDArray zeros =
        x.getManager()
            .zeros(new Shape(x.getShape().get(0), missing, x.getShape().get(2)), x.getDataType());
    return x.concat(zeros, 1);
  }

  /** {@code [B, positions, 1]}: 0 where a window counts, else more than any sum. */
  private static NDArray excluded(NDArray mask, int window, long positions) {
    NDArray last = mask.get(":, {}:{}", window, window - 1 + positions);
    NDArray first = mask.getManager().ones(new Shape(mask.getShape().get(0), 1));
    NDArray counts = first.concat(last, 1);
    return Scaling.times(counts.neg().add(1f), EXCLUDED)
        .reshape(mask.getShape().get(0), positions, 1);
  }
}
