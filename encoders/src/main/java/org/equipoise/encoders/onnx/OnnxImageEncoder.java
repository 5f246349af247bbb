package org.equipoise.encoders.onnx;

import java.util.List;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.encoders.Content;
import org.equipoise.encoders.Encoder;
import org.equipoise.encoders.Encoding;
import org.equipoise.encoders.Prepared;
import org.equipoise.media.RgbImage;

/** Images by an ONNX network. */
final class OnnxImageEncoder implements Encoder {
  private static final int CHANNELS = 3;

  /**
   * An image after resize and crop; its numbers are written where the network reads them.
   *
   * @param image the pixels
   */
  record Pixels(RgbImage image) implements Prepared {}

  private final EncoderInfo info;
  private final ImagePreparation preparation;
  private final Network network;
  private final Readout readout;
  private final BatchSize batchSize;

  OnnxImageEncoder(
      EncoderInfo info,
      ImagePreparation preparation,
      Network network,
      Readout readout,
      BatchSize batchSize) {
    this.info = info;
    this.preparation = preparation;
    this.network = network;
    this.readout = readout;
    this.batchSize = batchSize;
  }

  @Override
  public EncoderInfo info() {
    return info;
  }

  @Override
  public int threads() {
    return batchSize.threads();
  }

  @Override
  public int batchSize(int length) {
    return batchSize.of(length);
  }

  @Override
  public Prepared prepare(Content content) {
    return new Pixels(preparation.prepare(((Content.Image) content).image()));
  }

  @Override
  public List<Encoding> encode(List<? extends Prepared> batch) {
    List<RgbImage> images = batch.stream().map(each -> ((Pixels) each).image()).toList();
    Network.Output output =
        network.run(List.of(input(network, preparation, images)), List.of(readout.output())).get(0);
    return readout.read(output, i -> Integer.MAX_VALUE).stream()
        .map(features -> new Encoding(features, false))
        .toList();
  }

  /** {@code [B, 3, H, W]} of prepared images. */
  static Network.Input input(Network network, ImagePreparation preparation, List<RgbImage> images) {
    int each = CHANNELS * preparation.height() * preparation.width();
    float[] values = new float[images.size() * each];
    for (int i = 0; i < images.size(); i++) {
      preparation.write(images.get(i), values, i * each);
    }
    return Network.Input.of(
        network.inputNames().iterator().next(),
        values,
        images.size(),
        CHANNELS,
        preparation.height(),
        preparation.width());
  }

  @Override
  public void close() {
    network.close();
  }
}
