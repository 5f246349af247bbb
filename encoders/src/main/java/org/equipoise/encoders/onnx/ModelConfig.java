package org.equipoise.encoders.onnx;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.equipoise.core.Modality;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.io.Json;

/** What a model's {@code config.json} says of it. */
final class ModelConfig {
  /**
   * Kinds of models whose positions begin behind that of padding, so that of 514 positions 512 can
   * be used (RoBERTa's {@code create_position_ids_from_input_ids}).
   */
  private static final Set<String> POSITIONS_BEHIND_PADDING =
      Set.of(
          "roberta",
          "xlm-roberta",
          "xlm-roberta-xl",
          "camembert",
          "roberta-prelayernorm",
          "data2vec-text",
          "mpnet",
          "longformer",
          "ibert",
          "xmod");

  /** Models trained on texts filled up to their full length, without a mask. */
  private static final Set<String> FILLED_UP = Set.of("siglip", "siglip2");

  /** Positions where {@code config.json} leaves out what is the default of its kind. */
  private static final Map<String, Integer> POSITIONS =
      Map.of("clip", 77, "siglip", 64, "siglip2", 64, "chinese_clip", 512);

  /** Two special tokens and one of the text. */
  private static final int FEWEST_POSITIONS = 3;

  private final JsonNode root;
  private final Path file;

  private ModelConfig(JsonNode root, Path file) {
    this.root = root;
    this.file = file;
  }

  /**
   * Reads a file.
   *
   * @throws WrongUseException if it holds no keys
   */
  static ModelConfig read(Path file) {
    JsonNode root = Json.read(file);
    if (!root.isObject() || root.isEmpty()) {
      throw new WrongUseException(
          file + " says nothing of the model: it may be damaged; fetch or save it again");
    }
    return new ModelConfig(root, file);
  }

  /** The kind of model, such as {@code bert}; empty where not said. */
  String modelType() {
    return root.path("model_type").asText("");
  }

  /** Whether it holds a network for texts and one for images. */
  boolean hasTowers() {
    return root.has("text_config") && root.has("vision_config");
  }

  /** Whether it reads that modality, as far as the file says. */
  boolean reads(Modality modality) {
    boolean images =
        root.has("vision_config") || root.has("image_size") || root.has("num_channels");
    return modality == Modality.IMAGE
        ? images
        : root.has("text_config") || root.has("vocab_size") && !images;
  }

  private JsonNode text() {
    return root.has("text_config") ? root.path("text_config") : root;
  }

  /** How many different tokens the network knows. */
  OptionalInt vocabulary() {
    return whole("vocab_size");
  }

  /** The most tokens of a text; empty where there is no such bound. */
  OptionalInt positions() {
    OptionalInt stated = whole("max_position_embeddings");
    if (stated.isPresent()) {
      int left = stated.getAsInt() - firstPosition();
      if (left < FEWEST_POSITIONS) {
        throw new WrongUseException(
            "%s: 'max_position_embeddings' is %d, which leaves no room for a text"
                .formatted(file, stated.getAsInt()));
      }
      return OptionalInt.of(left);
    }
    Integer usual = POSITIONS.get(modelType());
    return usual == null ? OptionalInt.empty() : OptionalInt.of(usual);
  }

  /** The position of a text's first token. */
  int firstPosition() {
    String type = text().path("model_type").asText(modelType());
    return POSITIONS_BEHIND_PADDING.contains(type) ? whole("pad_token_id").orElse(1) + 1 : 0;
  }

  /** Whether texts are filled up to the full length. */
  boolean fillsUp() {
    return FILLED_UP.contains(modelType()) || modelType().equals("siglip_text_model");
  }

  /** The id of the token that stands for nothing. */
  OptionalInt padToken() {
    return whole("pad_token_id");
  }

  private OptionalInt whole(String key) {
    JsonNode node = text().path(key);
    if (node.isMissingNode() || node.isNull()) {
      return OptionalInt.empty();
    }
    if (!node.isInt() || node.intValue() < 0 || node.intValue() == Integer.MAX_VALUE) {
      throw new WrongUseException(
          "%s: '%s' must be a whole number from 0, not %s".formatted(file, key, node));
    }
    return OptionalInt.of(node.intValue());
  }
}
