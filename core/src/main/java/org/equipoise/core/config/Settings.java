package org.equipoise.core.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** A resolved configuration: a value for every key of a {@link Schema}. Immutable. */
public final class Settings {
  /** The key under which a written configuration carries its format. */
  public static final String FORMAT_VERSION_KEY = "format_version";

  private static final int FORMAT_VERSION = 1;

  private final Schema schema;
  private final Map<String, Object> values;

  Settings(Schema schema, Map<String, Object> values) {
    this.schema = schema;
    this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /** The value of a setting. */
  @SuppressWarnings("unchecked") // every value was read by its own setting
  public <T> T get(Setting<T> setting) {
    if (!schema.contains(setting)) {
      throw new IllegalArgumentException("no setting " + setting.key() + " in this schema");
    }
    return (T) values.get(setting.key());
  }

  /** A copy with one value changed. */
  public <T> Settings with(Setting<T> setting, T value) {
    Map<String, Object> changed = new LinkedHashMap<>(values);
    changed.put(setting.key(), value);
    return new Settings(schema, changed);
  }

  /** All values by dotted key. */
  public Map<String, Object> values() {
    return values;
  }

  /** The whole configuration as nested YAML, as a run folder's {@code config.yaml} holds it. */
  public String toYaml() {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put(FORMAT_VERSION_KEY, FORMAT_VERSION);
    root.putAll(Schema.nest(values));
    try {
      return Schema.YAML.writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
