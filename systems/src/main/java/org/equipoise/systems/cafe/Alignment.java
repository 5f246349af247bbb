package org.equipoise.systems.cafe;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import java.util.Optional;
import java.util.stream.LongStream;
import org.equipoise.systems.layers.Scaling;

/**
 * Teaches two encoders a common space: the text and the image of a post should be parallel, those
 * of two posts should have a cosine below a margin.
 *
 * @param margin above which the cosine of a mismatched pair costs
 */
record Alignment(double margin) {
  private static final int SHIFT = 3;

  /**
   * The mean over matched pairs (text i, image i) of {@code 1 − cos} and over mismatched pairs
   * (text i, image i − 3) of {@code max(0, cos − margin)}, a scalar; empty for fewer than two
   * posts.
   *
   * @param text {@code [B, d]}
   * @param image {@code [B, d]}
   * @param posts those that take part, by place
   */
  Optional<NDArray> loss(NDArray text, NDArray image, long[] posts) {
    int count = posts.length;
    if (count < 2) {
      return Optional.empty();
    }
    // the images rolled by three, or by one where that would bring each back to its own text
    int shift = SHIFT % count == 0 ? 1 : SHIFT;
    long[] rolled =
        LongStream.range(0, count)
            .map(i -> posts[(int) Math.floorMod(i - shift, (long) count)])
            .toArray();
    NDArray texts = text.get(text.getManager().create(posts)).normalize(2, 1);
    NDArray images = image.normalize(2, 1);
    NDArray matched = cosine(texts, images.get(text.getManager().create(posts)));
    NDArray mismatched = cosine(texts, images.get(text.getManager().create(rolled)));
    NDArray each = matched.neg().add(1f).add(Activation.relu(mismatched.sub((float) margin)));
    return Optional.of(Scaling.times(each.mean(), 0.5));
  }

  private static NDArray cosine(NDArray x, NDArray y) {
    return x.mul(y).sum(new int[] {1});
  }
}
