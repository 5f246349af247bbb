package org.equipoise.encoders.onnx;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import org.equipoise.core.WrongUseException;
import org.equipoise.encoders.Prepared;

/**
 * From a text to token ids, by {@code tokenizer.json} alone: special tokens are added, and spelled
 * out in a text become those tokens; a long text is cut, never its closing token. Safe for several
 * threads.
 */
final class TextPreparation implements AutoCloseable {
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

  /**
   * A text's tokens.
   *
   * @param ids of the tokens
   * @param types which of two texts a token is of; zeros for one text
   * @param used how many tokens are the text's; those behind fill up
   * @param truncated whether the text was longer
   */
  record Tokens(long[] ids, long[] types, int used, boolean truncated) implements Prepared {
    @Override
    public int length() {
      return ids.length;
    }

    /** Another text of the same length: its tokens from another one on. */
    Tokens turned(int by) {
      long[] turned = ids.clone();
      for (int i = 0; i < used; i++) {
        turned[i] = ids[(i + by) % used];
      }
      return new Tokens(turned, types, used, truncated);
    }

    /** Without the last token. */
    Tokens shorter() {
      return new Tokens(
          Arrays.copyOf(ids, ids.length - 1),
          Arrays.copyOf(types, types.length - 1),
          Math.min(used, ids.length - 1),
          truncated);
    }
  }

  /**
   * How texts become tokens.
   *
   * @param maxTokens the most tokens, special tokens included
   * @param prefix put before each text
   * @param lowercase whether texts are lower-cased before the tokenizer sees them
   * @param fill the token with which texts are filled up to {@code maxTokens}; empty where they are
   *     not
   */
  record Options(int maxTokens, String prefix, boolean lowercase, OptionalInt fill) {}

  private final HuggingFaceTokenizer tokenizer;
  private final Options options;

  /**
   * A tokenizer.
   *
   * @param json the content of {@code tokenizer.json}
   * @param name of the file, for messages
   * @throws WrongUseException if the content is no tokenizer
   */
  TextPreparation(byte[] json, String name, Options options) {
    this.options = options;
    String length = Integer.toString(options.maxTokens);
    try {
      tokenizer =
          HuggingFaceTokenizer.newInstance(
              new ByteArrayInputStream(json),
              Map.of(
                  "truncation",
                  "true",
                  "padding",
                  "false",
                  "addSpecialTokens",
                  "true",
                  "maxLength",
                  length,
                  "modelMaxLength",
                  length));
    } catch (IOException | RuntimeException e) {
      throw new WrongUseException(
          "cannot use %s as a tokenizer: %s".formatted(name, e.getMessage()), e);
    }
  }

  /** The most tokens that it gives for a text. */
  int maxTokens() {
    return options.maxTokens;
  }

  /** The tokens of a text. */
  Tokens tokens(String text) {
    Encoding encoding =
        tokenizer.encode(
            options.prefix + (options.lowercase ? text.toLowerCase(Locale.ROOT) : text));
    long[] ids = encoding.getIds();
    long[] types = encoding.getTypeIds();
    int used = ids.length;
    if (options.fill.isPresent() && used < options.maxTokens) {
      ids = Arrays.copyOf(ids, options.maxTokens);
      Arrays.fill(ids, used, ids.length, options.fill.getAsInt());
      types = Arrays.copyOf(types, options.maxTokens);
    }
    return new Tokens(ids, types, used, encoding.exceedMaxLength());
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
