package org.equipoise.systems.cafe;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import org.equipoise.systems.layers.Linear;
import org.equipoise.systems.layers.Parameters;
import org.equipoise.systems.layers.Scaling;

/**
 * How much text and image disagree: each becomes a diagonal Gaussian, and the ambiguity is the
 * sigmoid of the mean of the two divergences between them. A divergence is never below 0, so the
 * ambiguity lies in [½, 1).
 */
final class Ambiguity {
  private static final float LEAST = 1e-7f;

  private final Encoder text;
  private final Encoder image;

  /**
   * Parameters {@code <name>text.hidden}, {@code <name>text.out}, and the same for the image.
   *
   * @param width of the aligned features
   * @param dimensions of the Gaussians
   */
  Ambiguity(Parameters parameters, String name, long width, long dimensions) {
    text = new Encoder(parameters, name + "text", width, dimensions);
    image = new Encoder(parameters, name + "image", width, dimensions);
  }

  /** Mean and standard deviations of a diagonal Gaussian, {@code [B, z]} each. */
  record Gaussian(NDArray mean, NDArray sigma) {
    /** {@code KL(this ‖ other)}, {@code [B]}. */
    NDArray divergence(Gaussian other) {
      NDArray distance = mean.sub(other.mean);
      NDArray spread = sigma.mul(sigma).add(distance.mul(distance));
      NDArray quotient = spread.div(Scaling.times(other.sigma.mul(other.sigma), 2));
      return other.sigma.log().sub(sigma.log()).add(quotient).sub(0.5f).sum(new int[] {1});
    }
  }

  private static final class Encoder {
    private final Linear hidden;
    private final Linear out;
    private final long dimensions;

    Encoder(Parameters parameters, String name, long width, long dimensions) {
      hidden = Linear.of(parameters, name + ".hidden", width, width);
      out = Linear.of(parameters, name + ".out", width, 2 * dimensions);
      this.dimensions = dimensions;
    }

    Gaussian forward(NDArray x) {
      NDArray both = out.forward(Activation.relu(hidden.forward(x)));
      return new Gaussian(
          both.get(":, :{}", dimensions),
          Activation.softPlus(both.get(":, {}:", dimensions)).add(LEAST));
    }
  }

  /** The text's Gaussian. */
  Gaussian text(NDArray aligned) {
    return text.forward(aligned);
  }

  /** The image's Gaussian. */
  Gaussian image(NDArray aligned) {
    return image.forward(aligned);
  }

  /**
   * {@code [B]}.
   *
   * @param alignedText {@code [B, width]}
   * @param alignedImage {@code [B, width]}
   */
  NDArray forward(NDArray alignedText, NDArray alignedImage) {
    return between(text(alignedText), image(alignedImage));
  }

  /** {@code sigmoid((KL(a ‖ b) + KL(b ‖ a)) / 2)}, {@code [B]}. */
  static NDArray between(Gaussian a, Gaussian b) {
    return Activation.sigmoid(Scaling.times(a.divergence(b).add(b.divergence(a)), 0.5));
  }
}
