package org.equipoise.encoders.onnx;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.equipoise.core.WrongUseException;

/**
 * The ids that a {@code tokenizer.json} gives out.
 *
 * @param tokens one more than the highest id
 * @param added ids of the added tokens, such as {@code [CLS]}
 */
record TokenizerFile(int tokens, Map<String, Integer> added) {
  /** Unused rows that a vocabulary may be rounded up by. */
  private static final int ROUNDED_TO = 64;

  private static final double ROUNDED_BY = 1.05;

  /**
   * Reads the ids and nothing else, without holding the file's tree in memory.
   *
   * @param name of the file, for messages
   * @throws WrongUseException if it is not the JSON of a tokenizer
   */
  static TokenizerFile read(byte[] json, String name) {
    int highest = -1;
    Map<String, Integer> added = new HashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = parser.currentName();
        parser.nextToken();
        if (key.equals("model") && parser.currentToken() == JsonToken.START_OBJECT) {
          highest = Math.max(highest, highestOfModel(parser));
        } else if (key.equals("added_tokens")) {
          readAdded(parser, added);
        } else {
          parser.skipChildren();
        }
      }
    } catch (JsonProcessingException e) {
      throw damaged(name, e.getOriginalMessage());
    } catch (IOException e) {
      throw damaged(name, e.getMessage());
    }
    for (int id : added.values()) {
      highest = Math.max(highest, id);
    }
    if (highest < 0) {
      throw damaged(name, "it holds no vocabulary");
    }
    return new TokenizerFile(highest + 1, Map.copyOf(added));
  }

  private static WrongUseException damaged(String name, String why) {
    return new WrongUseException(
        "%s is not a tokenizer of Hugging Face (%s): delete it and fetch or save it again"
            .formatted(name, why));
  }

  private static int highestOfModel(JsonParser parser) throws IOException {
    int highest = -1;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean vocabulary = parser.currentName().equals("vocab");
      JsonToken start = parser.nextToken();
      if (vocabulary && start == JsonToken.START_OBJECT) {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          parser.nextToken();
          highest = Math.max(highest, parser.getIntValue());
        }
      } else if (vocabulary && start == JsonToken.START_ARRAY) {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          parser.skipChildren();
          highest++;
        }
      } else {
        parser.skipChildren();
      }
    }
    return highest;
  }

  private static void readAdded(JsonParser parser, Map<String, Integer> into) throws IOException {
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      String content = "";
      int id = -1;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = parser.currentName();
        parser.nextToken();
        if (key.equals("content")) {
          content = parser.getText();
        } else if (key.equals("id")) {
          id = parser.getIntValue();
        }
      }
      into.put(content, id);
    }
  }

  /** The id of an added token. */
  OptionalInt id(String token) {
    Integer id = added.get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /**
   * Checks that it is the tokenizer of a model.
   *
   * @param vocabulary how many tokens the model knows; some round it up
   * @throws WrongUseException if it is not
   */
  void requireFits(int vocabulary, String tokenizer, String config) {
    int roundedUp = (tokens + ROUNDED_TO - 1) / ROUNDED_TO * ROUNDED_TO;
    if (tokens > vocabulary || vocabulary > Math.max(roundedUp, tokens * ROUNDED_BY)) {
      throw new WrongUseException(
          ("%s has %d tokens, but the model's vocabulary has %d (vocab_size in %s): they do not"
                  + " belong together; take both from one model")
              .formatted(tokenizer, tokens, vocabulary, config));
    }
  }
}
