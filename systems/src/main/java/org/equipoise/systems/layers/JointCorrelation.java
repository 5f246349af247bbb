package org.equipoise.systems.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * Inter-modal fusion (Eqs. 12 to 15), post by post: with l = [x_1; x_2; ..] of length d over all
 * modalities, {@code G_m = tanh(x_m lᵀ / √d)} and {@code x'_m = relu(x_m + G_m w_m)}.
 *
 * <p>Written so, each modality needs width · d hyperbolic tangents a post. But {@code (G_m w_m)_i}
 * is a function of the single number x_mi, {@code f(x) = Σ_j w_j tanh(x l_j / √d)}, odd and
 * analytic. It is evaluated at the K positive Chebyshev nodes of the post's own range of x_m, and
 * the odd Chebyshev polynomial of degree 2K − 1 through these points is summed by Clenshaw's
 * recurrence at every x_mi: K·d tangents instead of width · d, and K from 4 to 10 where
 * layer-normalised features lie. The nodes are constants of the graph, so that gradients are those
 * of the polynomial and approach the true ones as it does. Unlike a polynomial in powers of x·l it
 * stays accurate in float32 for any range; where K would be more than a quarter of the width the
 * formula as written is cheaper, and is used.
 */
public final class JointCorrelation {
  /** The polynomial's error against the sum of tangents, below what the number format resolves. */
  private static final double TRUNCATION_FLOAT32 = 1e-8;

  private static final double TRUNCATION_FLOAT64 = 1e-15;

  /**
   * How much wider than the post's range the polynomial's interval is. At the very end of the
   * interval rounding errors are magnified by the square of the degree in the gradient.
   */
  private static final double MARGIN = 1.05;

  /** A node costs about as much as so many elements of the exact evaluation (measured). */
  private static final long NODE_COST = 4;

  /** Numbers in one tile of the exact evaluation: 16 MB of float32. */
  private static final long TILE = 1L << 22;

  private final List<NDArray> weights;

  /**
   * Parameters {@code <name>.<modality>}, each as long as all modalities' vectors together.
   *
   * @param modalities names, in the order in which they join
   * @param width the length of l
   */
  public JointCorrelation(Parameters parameters, String name, List<String> modalities, long width) {
    this(
        modalities.stream()
            .map(modality -> parameters.uniform(name + "." + modality, width, width))
            .toList());
  }

  /** With given weights, {@code [d]} for each modality. */
  public JointCorrelation(List<NDArray> weights) {
    this.weights = List.copyOf(weights);
  }

  /**
   * Fuses.
   *
   * @param modalities {@code [B, width_m]} each
   * @return {@code [B, d]}: the x' of Eq. 15, joined
   */
  public NDArray forward(List<NDArray> modalities) {
    NDArray joined = Concatenation.of(modalities, 1);
    return ai.djl.nn.Activation.relu(joined.add(correlate(modalities, joined)));
  }

  /** G w of each modality, joined: {@code [B, d]}, by the cheaper of the two ways. */
  public NDArray correlate(List<NDArray> modalities) {
    return correlate(modalities, Concatenation.of(modalities, 1));
  }

  private NDArray correlate(List<NDArray> modalities, NDArray joined) {
    Ranges ranges = Ranges.of(modalities, joined.getShape().get(1));
    long widest = modalities.stream().mapToLong(m -> m.getShape().get(1)).max().orElseThrow();
    return NODE_COST * ranges.nodes() < widest
        ? interpolated(modalities, joined, ranges)
        : exact(modalities, joined);
  }

  /** G w by the formula as it stands, in tiles of posts. */
  public NDArray exact(List<NDArray> modalities) {
    return exact(modalities, Concatenation.of(modalities, 1));
  }

  private NDArray exact(List<NDArray> modalities, NDArray joined) {
    long posts = joined.getShape().get(0);
    long width = joined.getShape().get(1);
    NDArray scaled = Scaling.times(joined, 1 / Math.sqrt(width)).reshape(posts, 1, width);
    NDList results = new NDList();
    for (int m = 0; m < modalities.size(); m++) {
      long own = modalities.get(m).getShape().get(1);
      long perTile = Math.max(1, TILE / (own * width));
      NDArray x = modalities.get(m).reshape(posts, own, 1);
      NDList tiles = new NDList();
      for (long from = 0; from < posts; from += perTile) {
        String rows = from + ":" + Math.min(posts, from + perTile);
        try (NDArray argument = x.get(rows).mul(scaled.get(rows));
            NDArray tangents = argument.tanh()) {
          tiles.add(tangents.matMul(weights.get(m)));
        }
      }
      results.add(Concatenation.of(tiles, 0));
    }
    return Concatenation.of(results, 1);
  }

  /** G w by interpolation, also where the range is so wide that it costs more than the formula. */
  public NDArray interpolated(List<NDArray> modalities) {
    NDArray joined = Concatenation.of(modalities, 1);
    return interpolated(modalities, joined, Ranges.of(modalities, joined.getShape().get(1)));
  }

  private NDArray interpolated(List<NDArray> modalities, NDArray joined, Ranges ranges) {
    NDManager manager = joined.getManager();
    DataType type = joined.getDataType();
    int nodes = ranges.nodes();
    int count = modalities.size();
    long posts = joined.getShape().get(0);
    long width = joined.getShape().get(1);

    // f at the nodes: [m, B, K]
    NDArray points = array(manager, type, ranges.points(Math.sqrt(width)), count, posts, nodes, 1);
    NDArray values;
    try (NDArray argument = points.mul(joined.reshape(1, posts, 1, width));
        NDArray tangents = argument.tanh();
        NDArray stacked = NDArrays.stack(new NDList(weights));
        // a view of parameters belongs to their manager, which outlives the batch
        NDArray columns = stacked.reshape(count, width, 1)) {
      values =
          tangents
              .reshape(count, posts * nodes, width)
              .matMul(columns)
              .reshape(count, posts, nodes);
    }
    // its odd Chebyshev coefficients, spread over each modality's elements: [K, B, d]
    NDArray transform = array(manager, type, Ranges.transform(nodes), nodes, nodes);
    NDArray spread = array(manager, type, spread(modalities), count, width);
    NDArray coefficients = values.matMul(transform).transpose(2, 1, 0).matMul(spread);
    NDArray inverse = array(manager, type, ranges.inverse(), posts, count).matMul(spread);

    NDArray u = joined.mul(inverse);
    NDList a = coefficients.split(nodes);
    // Clenshaw with T_{2k+1} = 2 T_2 T_{2k-1} - T_{2k-3}
    NDArray twice = Scaling.times(u.square(), 4).sub(2f);
    NDArray next = a.get(nodes - 1).reshape(posts, width);
    if (nodes == 1) {
      return u.mul(next);
    }
    NDArray afterNext = next;
    next = twice.mul(next).add(a.get(nodes - 2).reshape(posts, width));
    for (int k = nodes - 3; k >= 0; k--) {
      NDArray current = twice.mul(next).sub(afterNext).add(a.get(k).reshape(posts, width));
      afterNext = next;
      next = current;
    }
    return u.mul(next.sub(afterNext));
  }

  /** {@code [modalities, d]}: 1 where an element of l belongs to the modality. */
  private static double[] spread(List<NDArray> modalities) {
    int[] widths = modalities.stream().mapToInt(m -> (int) m.getShape().get(1)).toArray();
    int width = java.util.Arrays.stream(widths).sum();
    double[] result = new double[widths.length * width];
    int column = 0;
    for (int m = 0; m < widths.length; m++) {
      java.util.Arrays.fill(result, m * width + column, m * width + column + widths[m], 1);
      column += widths[m];
    }
    return result;
  }

  /**
   * The numbers in the engine's own memory. Java's buffers are aligned by chance, and the engine's
   * matrix products round differently at different alignments.
   */
  private static NDArray array(NDManager manager, DataType type, double[] values, long... shape) {
    try (NDArray given = given(manager, type, values, new Shape(shape))) {
      return given.duplicate();
    }
  }

  private static NDArray given(NDManager manager, DataType type, double[] values, Shape shape) {
    if (type == DataType.FLOAT64) {
      return manager.create(DoubleBuffer.wrap(values), shape, type);
    }
    float[] narrow = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      narrow[i] = (float) values[i];
    }
    return manager.create(FloatBuffer.wrap(narrow), shape, type);
  }

  /**
   * How far each post's numbers reach, and what follows for the polynomial.
   *
   * @param posts B
   * @param largest {@code [modalities][B]}: max |x_m|, widened by the margin, never 0
   * @param nodes K, enough for the post with the widest range
   */
  private record Ranges(int posts, double[][] largest, int nodes) {
    static Ranges of(List<NDArray> modalities, long width) {
      double[][] largest = new double[modalities.size()][];
      for (int m = 0; m < largest.length; m++) {
        try (NDArray detached = modalities.get(m).stopGradient();
            NDArray sizes = detached.abs();
            NDArray most = sizes.max(new int[] {1})) {
          largest[m] =
              java.util.Arrays.stream(most.toArray()).mapToDouble(Number::doubleValue).toArray();
        }
      }
      int posts = largest[0].length;
      double range = 0;
      for (int post = 0; post < posts; post++) {
        double all = 0;
        for (double[] modality : largest) {
          all = Math.max(all, modality[post]);
        }
        for (double[] modality : largest) {
          modality[post] = modality[post] == 0 ? 1 : modality[post] * MARGIN;
          range = Math.max(range, modality[post] * all / Math.sqrt(width));
        }
      }
      boolean wide = modalities.get(0).getDataType() == DataType.FLOAT64;
      double truncation = wide ? TRUNCATION_FLOAT64 : TRUNCATION_FLOAT32;
      return new Ranges(posts, largest, nodesFor(range, truncation));
    }

    /**
     * How many nodes a range R of arguments needs. The nearest poles of tanh(R u) lie at ±iπ/(2R);
     * the error falls as ρ^−degree with ρ the sum of half-axes of the ellipse through them.
     */
    private static int nodesFor(double range, double truncation) {
      double pole = Math.PI / (2 * Math.max(range, 1e-3));
      double rho = pole + Math.sqrt(1 + pole * pole);
      double nodes = Math.ceil(-Math.log(truncation) / (2 * Math.log(rho)));
      return nodes < 1 << 20 ? (int) nodes : 1 << 20;
    }

    /** {@code [modalities, B, K]}: the nodes in each post's range, divided by √d. */
    double[] points(double root) {
      double[] points = new double[largest.length * posts * nodes];
      int at = 0;
      for (double[] modality : largest) {
        for (double reach : modality) {
          for (int k = 0; k < nodes; k++) {
            points[at++] = reach * node(k, nodes) / root;
          }
        }
      }
      return points;
    }

    /** {@code [B, modalities]}: one over the reach. */
    double[] inverse() {
      double[] inverse = new double[posts * largest.length];
      for (int post = 0; post < posts; post++) {
        for (int m = 0; m < largest.length; m++) {
          inverse[post * largest.length + m] = 1 / largest[m][post];
        }
      }
      return inverse;
    }

    private static double node(int k, int nodes) {
      return Math.cos((2 * k + 1) * Math.PI / (4 * nodes));
    }

    /** {@code [K, K]}: values at the nodes times this are the odd Chebyshev coefficients. */
    static double[] transform(int nodes) {
      double[] transform = new double[nodes * nodes];
      for (int node = 0; node < nodes; node++) {
        for (int k = 0; k < nodes; k++) {
          transform[node * nodes + k] =
              2.0 / nodes * Math.cos((2 * k + 1) * (2 * node + 1) * Math.PI / (4 * nodes));
        }
      }
      return transform;
    }
  }
}
