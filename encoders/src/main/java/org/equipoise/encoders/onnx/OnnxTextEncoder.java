package org.equipoise.encoders.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.core.features.Features;
import org.equipoise.encoders.Content;
import org.equipoise.encoders.Encoder;
import org.equipoise.encoders.Encoding;
import org.equipoise.encoders.Prepared;

/** Texts by an ONNX network: tokens in, given to just the inputs that the graph declares. */
final class OnnxTextEncoder implements Encoder {
  static final String IDS = "input_ids";
  private static final String MASK = "attention_mask";
  private static final String TYPES = "token_type_ids";
  private static final String POSITIONS = "position_ids";

  /** What this program can give a network of texts. */
  static final Set<String> INPUTS = Set.of(IDS, MASK, TYPES, POSITIONS);

  private final EncoderInfo info;
  private final TextPreparation preparation;
  private final Network network;
  private final Readout readout;
  private final int firstPosition;
  private final BatchSize batchSize;

  OnnxTextEncoder(
      EncoderInfo info,
      TextPreparation preparation,
      Network network,
      Readout readout,
      int firstPosition,
      BatchSize batchSize) {
    this.info = info;
    this.preparation = preparation;
    this.network = network;
    this.readout = readout;
    this.firstPosition = firstPosition;
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
    return preparation.tokens(((Content.Text) content).text());
  }

  @Override
  public List<Encoding> encode(List<? extends Prepared> batch) {
    List<TextPreparation.Tokens> texts =
        batch.stream().map(TextPreparation.Tokens.class::cast).toList();
    Network.Output output =
        network
            .run(inputs(network, batchSize.filled(texts), firstPosition), List.of(readout.output()))
            .get(0);
    List<Features> features =
        readout.read(output, i -> texts.get(Math.min(i, texts.size() - 1)).used());
    List<Encoding> encodings = new ArrayList<>(texts.size());
    for (int i = 0; i < texts.size(); i++) {
      encodings.add(new Encoding(features.get(i), texts.get(i).truncated()));
    }
    return encodings;
  }

  /** A tensor {@code [B, T]} for each input that the network declares. */
  static List<Network.Input> inputs(
      Network network, List<TextPreparation.Tokens> texts, int firstPosition) {
    int length = texts.get(0).length();
    long[] shape = {texts.size(), length};
    List<Network.Input> inputs = new ArrayList<>();
    for (String name : network.inputNames()) {
      long[] values = new long[texts.size() * length];
      for (int i = 0; i < texts.size(); i++) {
        fill(name, texts.get(i), firstPosition, values, i * length);
      }
      inputs.add(Network.Input.of(name, values, shape));
    }
    return inputs;
  }

  private static void fill(
      String name, TextPreparation.Tokens text, int firstPosition, long[] values, int offset) {
    switch (name) {
      case IDS -> System.arraycopy(text.ids(), 0, values, offset, text.length());
      case MASK -> Arrays.fill(values, offset, offset + text.used(), 1);
      case TYPES -> System.arraycopy(text.types(), 0, values, offset, text.length());
      case POSITIONS -> {
        for (int i = 0; i < text.length(); i++) {
          values[offset + i] = firstPosition + i;
        }
      }
      default -> throw new WrongUseException("no value for input '" + name + "'");
    }
  }

  @Override
  public void close() {
    preparation.close();
    network.close();
  }
}
