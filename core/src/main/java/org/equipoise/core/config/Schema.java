package org.equipoise.core.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.equipoise.core.Names;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.io.Reasons;

/** All keys that a configuration may hold. Every part of the program contributes its own. */
public final class Schema {
  static final YAMLMapper YAML = new YAMLMapper();

  private final Map<String, Setting<?>> settings = new LinkedHashMap<>();

  private Schema() {}

  /** A schema of these settings. */
  public static Schema of(Setting<?>... settings) {
    return of(Arrays.asList(settings));
  }

  /** A schema of these settings. */
  public static Schema of(Collection<? extends Setting<?>> settings) {
    Schema schema = new Schema();
    for (Setting<?> setting : settings) {
      if (schema.settings.put(setting.key(), setting) != null) {
        throw new IllegalArgumentException("two settings named " + setting.key());
      }
    }
    return schema;
  }

  /** All settings, in the order in which they were given. */
  public List<Setting<?>> settings() {
    return List.copyOf(settings.values());
  }

  /** The defaults alone. */
  public Settings defaults() {
    Map<String, Object> values = new LinkedHashMap<>();
    settings.values().forEach(setting -> values.put(setting.key(), setting.defaultValue()));
    return new Settings(this, values);
  }

  /**
   * The values of a YAML text on top of others. Keys may be nested or dotted.
   *
   * @param origin what the text is, for messages
   * @throws WrongUseException if it is not YAML, or has an unknown key or a value of a wrong type
   */
  public Settings yaml(Settings base, String text, String origin) {
    Object root;
    try {
      root = YAML.readValue(text, Object.class);
    } catch (JacksonException e) {
      throw new WrongUseException(
          "%s is not valid YAML: %s (line %d)"
              .formatted(
                  origin,
                  e.getOriginalMessage().lines().findFirst().orElse(""),
                  e.getLocation() == null ? 0 : e.getLocation().getLineNr()),
          e);
    }
    if (root == null) {
      return base;
    }
    if (!(root instanceof Map<?, ?> map)) {
      throw new WrongUseException(origin + " must hold keys and values, such as 'training:'");
    }
    Map<String, Object> flat = new LinkedHashMap<>();
    flatten("", map, flat);
    flat.remove(Settings.FORMAT_VERSION_KEY);
    Map<String, Object> values = new LinkedHashMap<>(base.values());
    flat.forEach((key, value) -> values.put(key, find(key, origin).read(value, origin)));
    return new Settings(this, values);
  }

  /**
   * A YAML file's values on top of others.
   *
   * @throws WrongUseException if it cannot be read, or as {@link #yaml}
   */
  public Settings file(Settings base, Path file) {
    try {
      return yaml(base, Files.readString(file), file.toString());
    } catch (IOException e) {
      throw new WrongUseException("cannot read config " + file + ": " + Reasons.of(e), e);
    }
  }

  /**
   * One {@code key=value} of the command line on top of others.
   *
   * @throws WrongUseException if there is no {@code =}, no such key, or the value is of a wrong
   *     type
   */
  public Settings override(Settings base, String assignment) {
    int equals = assignment.indexOf('=');
    if (equals < 1) {
      throw new WrongUseException(
          "--set takes key=value, such as training.epochs=20, not '" + assignment + "'");
    }
    String origin = "--set " + assignment;
    Setting<?> setting = find(assignment.substring(0, equals).trim(), origin);
    Map<String, Object> values = new LinkedHashMap<>(base.values());
    values.put(setting.key(), setting.read(assignment.substring(equals + 1), origin));
    return new Settings(this, values);
  }

  /** The setting of a known key. */
  private Setting<?> find(String key, String origin) {
    Setting<?> setting = settings.get(key);
    if (setting == null) {
      String hint =
          Names.nearest(key, settings.keySet())
              .map(name -> "; did you mean '" + name + "'?")
              .orElse("");
      throw new WrongUseException(origin + ": unknown key '" + key + "'" + hint);
    }
    return setting;
  }

  boolean contains(Setting<?> setting) {
    return setting.equals(settings.get(setting.key()));
  }

  private void flatten(String prefix, Map<?, ?> map, Map<String, Object> into) {
    map.forEach(
        (name, value) -> {
          String key = prefix + name;
          boolean group = value instanceof Map<?, ?> && !settings.containsKey(key);
          if (group) {
            flatten(key + ".", (Map<?, ?>) value, into);
          } else {
            into.put(key, value);
          }
        });
  }

  /**
   * Nests dotted keys for writing. A key whose group has a value of its own, as {@code
   * balancer.period} beside {@code balancer}, stays dotted.
   */
  static Map<String, Object> nest(Map<String, Object> flat) {
    Map<String, Object> root = new LinkedHashMap<>();
    flat.forEach(
        (key, value) -> {
          Map<String, Object> group = root;
          int dot = key.lastIndexOf('.');
          if (dot > 0 && flat.containsKey(key.substring(0, dot))) {
            root.put(key, value);
            return;
          }
          String[] parts = key.split("\\.");
          for (int i = 0; i < parts.length - 1; i++) {
            group = child(group, parts[i]);
          }
          group.put(parts[parts.length - 1], value);
        });
    return Collections.unmodifiableMap(root);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> child(Map<String, Object> group, String name) {
    return (Map<String, Object>) group.computeIfAbsent(name, n -> new LinkedHashMap<>());
  }
}
