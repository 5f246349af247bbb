package org.equipoise.systems.logicdm;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What «and» and «or» are for truths between 0 and 1: triangular norms and their duals. */
enum Norm {
  /** {@code Π a} and {@code 1 − Π (1 − a)}. */
  PRODUCT {
    @Override
    NDArray and(NDArray truths, int axis) {
      return truths.prod(new int[] {axis});
    }
  },
  /** {@code min a} and {@code max a}. */
  MINIMUM {
    @Override
    NDArray and(NDArray truths, int axis) {
      return truths.min(new int[] {axis});
    }
  },
  /** {@code max(0, Σ a − (n − 1))} and {@code min(1, Σ a)}. */
  LUKASIEWICZ {
    @Override
    NDArray and(NDArray truths, int axis) {
      NDArray missing = not(truths).sum(new int[] {axis});
      return Activation.relu(not(missing));
    }
  };

  /** The conjunction along an axis, which disappears. */
  abstract NDArray and(NDArray truths, int axis);

  /** The disjunction along an axis, which disappears. */
  final NDArray or(NDArray truths, int axis) {
    return not(and(not(truths), axis));
  }

  private static NDArray not(NDArray truths) {
    return truths.neg().add(1f);
  }

  /** As users name them. */
  static List<String> ids() {
    return Arrays.stream(values()).map(norm -> norm.name().toLowerCase(Locale.ROOT)).toList();
  }

  static Norm of(String id) {
    return valueOf(id.toUpperCase(Locale.ROOT));
  }
}
