package org.equipoise.systems.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Multi-head attention between several sequences that share one set of parameters: each sequence
 * attends to the tokens, joined, of its partners: {@code o(softmax(q(a) k(b)ᵀ / √(d/h)) v(b))}, the
 * paper's Eq. 6. All sequences pass each projection in one product. Where a post has no token of
 * any partner the result is 0, without bias.
 */
public final class CrossAttention {
  private final Linear query;
  private final Linear key;
  private final Linear value;
  private final Linear out;
  private final int heads;

  /**
   * Parameters {@code <name>.q}, {@code .k}, {@code .v} and {@code .o}, each width → width.
   *
   * @param heads h; divides the width
   */
  public CrossAttention(Parameters parameters, String name, long width, int heads) {
    if (width % heads != 0) {
      throw new IllegalArgumentException("width " + width + " is not divisible by " + heads);
    }
    query = Linear.of(parameters, name + ".q", width, width);
    key = Linear.of(parameters, name + ".k", width, width);
    value = Linear.of(parameters, name + ".v", width, width);
    out = Linear.of(parameters, name + ".o", width, width);
    this.heads = heads;
  }

  /**
   * Which sequence attends to which, and what is masked: the same for every layer of a stack.
   *
   * @param posts B
   * @param tokens T of each sequence
   * @param partners for each sequence, whose tokens it attends to; either all have some or none
   * @param keyBias for each sequence {@code [B, 1, 1, K]}, what is added to the scores of its keys;
   *     empty where every key is there
   * @param reach {@code [rows, 1]}, 0 for tokens whose post lacks every partner; empty where none
   *     does
   */
  public record Plan(
      long posts,
      long[] tokens,
      List<int[]> partners,
      List<Optional<NDArray>> keyBias,
      Optional<NDArray> reach) {

    /** The plan for these sequences. */
    public static Plan of(List<Tokens> sequences, List<int[]> partners) {
      long posts = sequences.get(0).posts();
      long[] tokens = sequences.stream().mapToLong(Tokens::count).toArray();
      boolean masked =
          partners.get(0).length > 0
              && sequences.stream().anyMatch(sequence -> sequence.mask().isPresent());
      List<Optional<NDArray>> keyBias = new ArrayList<>();
      NDList reach = new NDList();
      for (int i = 0; i < sequences.size(); i++) {
        if (!masked) {
          keyBias.add(Optional.empty());
          continue;
        }
        NDList keys = new NDList();
        for (int partner : partners.get(i)) {
          keys.add(there(sequences.get(partner)));
        }
        NDArray keyMask = Concatenation.of(keys, 1);
        keyBias.add(
            Optional.of(
                ScaledDotProduct.keyBias(keyMask).reshape(posts, 1, 1, keyMask.getShape().get(1))));
        reach.add(
            keyMask
                .max(new int[] {1}, true)
                .broadcast(posts, tokens[i])
                .reshape(posts * tokens[i], 1));
      }
      Optional<NDArray> allReach =
          masked ? Optional.of(Concatenation.of(reach, 0)) : Optional.empty();
      return new Plan(posts, tokens, List.copyOf(partners), List.copyOf(keyBias), allReach);
    }

    private static NDArray there(Tokens sequence) {
      return sequence
          .mask()
          .orElseGet(
              () ->
                  sequence
                      .values()
                      .getManager()
                      .ones(new Shape(sequence.posts(), sequence.count())));
    }

    /** Whether no sequence has a partner, so that there is nothing to attend to. */
    boolean isolated() {
      return partners.get(0).length == 0;
    }

    /** Row numbers at which one sequence ends and the next begins. */
    long[] bounds() {
      long[] bounds = new long[tokens.length - 1];
      long row = 0;
      for (int i = 0; i < bounds.length; i++) {
        row += posts * tokens[i];
        bounds[i] = row;
      }
      return bounds;
    }

    /**
     * Whether every sequence attends to a single token. The softmax over one key is 1, whatever
     * query and key are.
     */
    boolean singleKeys() {
      for (int[] partner : partners) {
        if (partner.length != 1 || tokens[partner[0]] != 1) {
          return false;
        }
      }
      for (long count : tokens) {
        if (count != 1) {
          return false;
        }
      }
      return true;
    }
  }

  /**
   * Attends.
   *
   * @param rows {@code [Σ B·T, d]}: the sequences' tokens, one sequence after the other
   * @return the same shape
   */
  public NDArray forward(NDArray rows, Plan plan) {
    try (NDArray mixed = plan.singleKeys() ? passOn(rows, plan) : attend(rows, plan)) {
      NDArray result = out.forward(mixed);
      if (plan.reach().isEmpty()) {
        return result;
      }
      try (result) {
        return result.mul(plan.reach().get());
      }
    }
  }

  /** Attention to single tokens: each row gets its partner's value. */
  private NDArray passOn(NDArray rows, Plan plan) {
    try (NDArray values = value.forward(rows)) {
      NDList own = values.split(plan.bounds());
      NDList partners = new NDList();
      for (int[] partner : plan.partners()) {
        partners.add(own.get(partner[0]));
      }
      try (own) {
        return Concatenation.of(partners, 0);
      }
    }
  }

  private NDArray attend(NDArray rows, Plan plan) {
    long width = rows.getShape().get(1);
    double scale = 1 / Math.sqrt((double) width / heads);
    try (NDArray queries = query.forward(rows);
        NDArray scaled = Scaling.times(queries, scale);
        NDArray keys = key.forward(rows);
        NDArray values = value.forward(rows);
        NDList queryHeads = heads(scaled, plan);
        NDList keyHeads = heads(keys, plan);
        NDList valueHeads = heads(values, plan);
        NDList results = new NDList()) {
      for (int i = 0; i < plan.tokens().length; i++) {
        long tokens = plan.tokens()[i];
        try (NDArray context =
                ScaledDotProduct.attend(
                    queryHeads.get(i),
                    joined(keyHeads, plan.partners().get(i)),
                    joined(valueHeads, plan.partners().get(i)),
                    plan.keyBias().get(i));
            NDArray tokenMajor = context.transpose(0, 2, 1, 3)) {
          results.add(tokenMajor.reshape(plan.posts() * tokens, width));
        }
      }
      return Concatenation.of(results, 0);
    }
  }

  /** Splits rows into sequences and sequences into heads: {@code [B, h, T, d/h]} each. */
  private NDList heads(NDArray rows, Plan plan) {
    long perHead = rows.getShape().get(1) / heads;
    NDList result = new NDList();
    try (NDList sequences = rows.split(plan.bounds())) {
      for (int i = 0; i < sequences.size(); i++) {
        try (NDArray split =
            sequences.get(i).reshape(plan.posts(), plan.tokens()[i], heads, perHead)) {
          result.add(split.transpose(0, 2, 1, 3));
        }
      }
    }
    return result;
  }

  private static NDArray joined(NDList sequences, int[] which) {
    if (which.length == 1) {
      return sequences.get(which[0]);
    }
    NDList chosen = new NDList();
    for (int i : which) {
      chosen.add(sequences.get(i));
    }
    return Concatenation.of(chosen, 2);
  }
}
