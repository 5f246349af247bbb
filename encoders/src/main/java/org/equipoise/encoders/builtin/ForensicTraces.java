package org.equipoise.encoders.builtin;

import java.util.List;
import java.util.Map;
import org.equipoise.core.Form;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.config.Schema;
import org.equipoise.core.config.Settings;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.core.features.Features;
import org.equipoise.core.io.Hashes;
import org.equipoise.encoders.Content;
import org.equipoise.encoders.Encoder;
import org.equipoise.encoders.Encoding;
import org.equipoise.encoders.Prepared;
import org.equipoise.media.Resampling;
import org.equipoise.media.RgbImage;

/**
 * Traces that cameras, compression and editing leave, and texture. An image longer than 448 pixels
 * a side is made smaller (bicubic, antialiased), one below 56 larger; all others keep their pixels,
 * because resizing wipes out what is looked for. Each of 7 × 7 regions gives:
 *
 * <ul>
 *   <li>14: log of the mean size of the block-DCT's coefficients, by diagonal of the 8 × 8 block;
 *   <li>3: error level: log of the root mean square by which the coefficients would change if the
 *       image were saved as JPEG of quality 95, 75 and 50;
 *   <li>3: shares of low, middle and high coefficients below 1, which compression has emptied;
 *   <li>2: blockiness: log ratio of the steps across block borders to those within, both ways;
 *   <li>7: noise residual, by the second-order 3 × 3 filter of the rich models (Fridrich and
 *       Kodovský 2012): log mean size and log deviation, their ratio, correlation with the
 *       right-hand and lower neighbour; log mean size in both chroma channels;
 *   <li>3: shares of residuals below 0.5, 1.5 and 4;
 *   <li>20: gradients in 9 unsigned orientations, by size, and the log of their mean size; at full
 *       and at half resolution (Dalal and Triggs 2005);
 *   <li>10: rotation-invariant uniform local binary patterns of 8 neighbours (Ojala et al. 2002).
 * </ul>
 *
 * Histograms hold square roots of shares (Hellinger). Pooled: {@link RegionGrid}.
 */
public final class ForensicTraces implements Encoder {
  /** The name in encoders' files. */
  public static final String NAME = "builtin/image_pattern";

  /** It has no settings. */
  public static final Schema SCHEMA = Schema.of();

  private static final int CODE_VERSION = 1;
  private static final int LONGEST = 448;
  private static final int SHORTEST = BlockDct.SIDE * RegionGrid.SIDE;

  private static final int RESIDUAL_AT = BlockDct.DESCRIPTORS;
  private static final int GRADIENT_AT = RESIDUAL_AT + NoiseResidual.DESCRIPTORS;
  private static final int HALF_GRADIENT_AT = GRADIENT_AT + OrientedGradients.DESCRIPTORS;
  private static final int BINARY_AT = HALF_GRADIENT_AT + OrientedGradients.DESCRIPTORS;
  private static final int WIDTH = BINARY_AT + BinaryPatterns.DESCRIPTORS;

  private final EncoderInfo info;
  private final Form form;

  /** Opens it under a view's name. */
  public ForensicTraces(
      String view, Kind kind, Form form, Settings settings, Map<String, String> record) {
    this.form = form;
    info =
        new EncoderInfo(
            new View(view, Modality.IMAGE, kind, RegionGrid.width(WIDTH, form)),
            RegionGrid.tokens(form),
            NAME,
            Hashes.sha256(NAME + " " + CODE_VERSION + " " + form),
            record);
  }

  @Override
  public EncoderInfo info() {
    return info;
  }

  /** Bounds its size, so that no large image waits for its turn. */
  @Override
  public Prepared prepare(Content content) {
    return new Content.Image(bounded(((Content.Image) content).image()));
  }

  @Override
  public List<Encoding> encode(List<? extends Prepared> batch) {
    return batch.stream()
        .map(content -> new Encoding(encode(((Content.Image) content).image()), false))
        .toList();
  }

  private Features encode(RgbImage image) {
    Plane luma = Plane.luma(image);
    float[] regions = new float[RegionGrid.REGIONS * WIDTH];
    BlockDct.describe(luma, regions, WIDTH, 0);
    NoiseResidual.describe(
        luma,
        Plane.of(image, -0.1687f, -0.3313f, 0.5f, 128),
        Plane.of(image, 0.5f, -0.4187f, -0.0813f, 128),
        regions,
        WIDTH,
        RESIDUAL_AT);
    OrientedGradients.describe(luma, regions, WIDTH, GRADIENT_AT);
    OrientedGradients.describe(luma.halved(), regions, WIDTH, HALF_GRADIENT_AT);
    BinaryPatterns.describe(luma, regions, WIDTH, BINARY_AT);
    return form == Form.POOLED
        ? RegionGrid.pooled(regions, WIDTH)
        : new Features(RegionGrid.REGIONS, WIDTH, regions);
  }

  private static RgbImage bounded(RgbImage image) {
    double scale = Math.min(1, (double) LONGEST / Math.max(image.width(), image.height()));
    int width = Math.max(SHORTEST, (int) Math.round(image.width() * scale));
    int height = Math.max(SHORTEST, (int) Math.round(image.height() * scale));
    return Resampling.resize(image, width, height, Resampling.Filter.BICUBIC);
  }

  /** {@code ln(1 + x)}, the same on every platform. */
  static float log(double x) {
    return (float) StrictMath.log1p(x);
  }

  @Override
  public void close() {}
}
