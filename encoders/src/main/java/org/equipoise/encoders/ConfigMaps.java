package org.equipoise.encoders;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;
import org.equipoise.core.config.Schema;
import org.equipoise.core.config.Settings;
import org.equipoise.core.io.Json;

/** Keys and values that stand inside a larger file, read by a schema; and back to plain words. */
final class ConfigMaps {
  private ConfigMaps() {}

  /**
   * The values on top of the schema's defaults.
   *
   * @param origin where they stand, for messages
   */
  static Settings settings(Schema schema, Map<String, ?> given, String origin) {
    if (given.isEmpty()) {
      return schema.defaults();
    }
    try {
      // JSON is YAML, so the schema's own reader checks keys and types
      return schema.yaml(schema.defaults(), Json.MAPPER.writeValueAsString(given), origin);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every value as a word, for the record. */
  static Map<String, String> words(Settings settings) {
    Map<String, String> words = new TreeMap<>();
    settings.values().forEach((key, value) -> words.put(key, value.toString()));
    return words;
  }
}
