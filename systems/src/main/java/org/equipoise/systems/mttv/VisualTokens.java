package org.equipoise.systems.mttv;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.equipoise.systems.layers.Tokens;

/**
 * The two levels of an image's tokens.
 *
 * @param global {@code [B, G, d]}: the whole image, means of stretches of its tokens
 * @param region {@code [B, R, d]}: parts of it, some of its tokens; empty where no post of the
 *     batch has several tokens
 */
record VisualTokens(Tokens global, Optional<Tokens> region) {

  /**
   * Makes both levels of an image's tokens, post by post and whatever a batch is padded to: at most
   * so many means of equally long stretches, in order, and at most so many tokens, evenly spaced. A
   * post with a single token has that as its global one and no regions.
   */
  static VisualTokens of(Tokens image, int globals, int regions) {
    int posts = (int) image.posts();
    int count = (int) image.count();
    int[][] there = places(image, posts, count);
    int most = Arrays.stream(there).mapToInt(own -> own.length).max().orElse(0);
    Picks means = new Picks(posts, Math.max(1, Math.min(globals, most)), count);
    Picks parts = new Picks(posts, most < 2 ? 0 : Math.min(regions, most), count);
    for (int post = 0; post < posts; post++) {
      int[] own = there[post];
      int stretches = Math.min(globals, own.length);
      for (int slot = 0; slot < stretches; slot++) {
        // the bounds of adaptive average pooling
        int from = slot * own.length / stretches;
        int to = ((slot + 1) * own.length + stretches - 1) / stretches;
        means.pick(post, slot, Arrays.copyOfRange(own, from, to));
      }
      int chosen = own.length < 2 ? 0 : Math.min(regions, own.length);
      for (int slot = 0; slot < chosen; slot++) {
        parts.pick(post, slot, own[(2 * slot + 1) * own.length / (2 * chosen)]);
      }
    }
    return new VisualTokens(
        means.of(image.values()),
        parts.slots() == 0 ? Optional.empty() : Optional.of(parts.of(image.values())));
  }

  /** By post, the places of the tokens that are there. */
  private static int[][] places(Tokens image, int posts, int count) {
    float[] mask = image.mask().map(NDArray::toFloatArray).orElse(null);
    return IntStream.range(0, posts)
        .mapToObj(
            post ->
                IntStream.range(0, count)
                    .filter(t -> mask == null || mask[post * count + t] != 0)
                    .toArray())
        .toArray(int[][]::new);
  }

  /** Which tokens' mean goes to which slot. */
  private static final class Picks {
    private final int posts;
    private final int slots;
    private final int count;
    private final float[] shares;
    private final float[] mask;

    Picks(int posts, int slots, int count) {
      this.posts = posts;
      this.slots = slots;
      this.count = count;
      shares = new float[posts * slots * count];
      mask = new float[posts * slots];
    }

    int slots() {
      return slots;
    }

    void pick(int post, int slot, int... tokens) {
      int row = post * slots + slot;
      for (int token : tokens) {
        shares[row * count + token] = 1f / tokens.length;
      }
      mask[row] = 1;
    }

    Tokens of(NDArray values) {
      NDManager manager = values.getManager();
      boolean complete = IntStream.range(0, mask.length).allMatch(i -> mask[i] != 0);
      return new Tokens(
          manager.create(shares, new Shape(posts, slots, count)).matMul(values),
          complete ? Optional.empty() : Optional.of(manager.create(mask, new Shape(posts, slots))));
    }
  }
}
