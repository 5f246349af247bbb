package org.equipoise.encoders;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.equipoise.core.Kind;
import org.equipoise.core.Names;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.io.Reasons;

/**
 * Which views a post is encoded into, and how its text is cleaned: the content of an encoders'
 * file.
 *
 * @param cleaning what is done to texts first
 * @param views the views, in order
 */
public record EncoderSet(TextCleaning cleaning, List<Entry> views) {
  private static final List<String> PRESETS =
      List.of("builtin", "small", "paper-en", "paper-zh", "multilingual");
  private static final int FORMAT_VERSION = 1;
  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
  private static final List<String> KEYS = List.of("format_version", "cleaning", "views");
  private static final List<String> ENTRY_KEYS = List.of("view", "encoder", "kind", "settings");

  /**
   * One view.
   *
   * @param view its name
   * @param encoder the encoder's name, a model's folder, or its id on a hub
   * @param kind what it looks at; empty for the encoder's own
   * @param settings values for the encoder's settings, by name
   */
  public record Entry(
      String view, String encoder, Optional<Kind> kind, Map<String, Object> settings) {
    public Entry {
      settings = Map.copyOf(settings);
    }
  }

  public EncoderSet {
    views = List.copyOf(views);
    Set<String> names = new HashSet<>();
    for (Entry entry : views) {
      if (!names.add(entry.view())) {
        throw new WrongUseException("two views named '" + entry.view() + "'");
      }
    }
    if (views.isEmpty()) {
      throw new WrongUseException("no views: name at least one under 'views:'");
    }
  }

  /** Names of the sets that come with the program. */
  public static List<String> presets() {
    return PRESETS;
  }

  /**
   * A preset by name, or a YAML file.
   *
   * @throws WrongUseException if it is neither, or the file does not fit; the message lists the
   *     presets or names file and key
   */
  public static EncoderSet load(String nameOrFile) {
    Optional<String> preset =
        PRESETS.stream().filter(name -> name.equalsIgnoreCase(nameOrFile)).findFirst();
    if (preset.isPresent()) {
      return parse(resource(preset.get() + ".yaml"), "preset " + preset.get());
    }
    Path file = Path.of(nameOrFile);
    String lower = nameOrFile.toLowerCase(Locale.ROOT);
    if (Files.isRegularFile(file)) {
      return read(file);
    }
    if (lower.endsWith(".yaml") || lower.endsWith(".yml")) {
      throw new WrongUseException(
          "no encoders' file " + file + "; give a YAML file or one of: " + presetNames());
    }
    throw Names.unknown("encoders (neither a preset nor a YAML file)", nameOrFile, PRESETS);
  }

  private static String presetNames() {
    return String.join(", ", PRESETS);
  }

  private static EncoderSet read(Path file) {
    try {
      Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
      return parse(Files.readString(file), file.toString(), folder);
    } catch (IOException e) {
      throw new WrongUseException("cannot read " + file + ": " + Reasons.of(e), e);
    }
  }

  private static String resource(String name) {
    try (InputStream in = EncoderSet.class.getResourceAsStream("presets/" + name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads YAML text; folders of models are relative to the working folder.
   *
   * @param origin what it is, for messages
   * @throws WrongUseException if it does not fit
   */
  public static EncoderSet parse(String yaml, String origin) {
    return parse(yaml, origin, Path.of("").toAbsolutePath());
  }

  private static EncoderSet parse(String yaml, String origin, Path folder) {
    Object root;
    try {
      root = YAML.readValue(yaml, Object.class);
    } catch (JacksonException e) {
      throw new WrongUseException(
          "%s is not valid YAML: %s (line %d)"
              .formatted(
                  origin,
                  e.getOriginalMessage().lines().findFirst().orElse(""),
                  e.getLocation() == null ? 0 : e.getLocation().getLineNr()),
          e);
    }
    Map<String, Object> map = map(root, origin, "must hold 'views:' and may hold 'cleaning:'");
    checkKeys(map, KEYS, origin);
    if (!map.getOrDefault("format_version", FORMAT_VERSION).equals(FORMAT_VERSION)) {
      throw new WrongUseException(
          "%s has format_version %s; this program reads %d"
              .formatted(origin, map.get("format_version"), FORMAT_VERSION));
    }
    TextCleaning cleaning =
        TextCleaning.of(
            ConfigMaps.settings(
                TextCleaning.SCHEMA,
                map(map.getOrDefault("cleaning", Map.of()), origin, "'cleaning' must hold keys"),
                origin + ", cleaning"));
    if (!(map.get("views") instanceof List<?> list)) {
      throw new WrongUseException(origin + " must hold a list under 'views:'");
    }
    List<Entry> views = new ArrayList<>();
    for (Object item : list) {
      views.add(
          entry(map(item, origin, "each view must hold 'view' and 'encoder'"), origin, folder));
    }
    return new EncoderSet(cleaning, views);
  }

  private static Entry entry(Map<String, Object> map, String origin, Path folder) {
    checkKeys(map, ENTRY_KEYS, origin + ", views");
    if (!(map.get("view") instanceof String view)
        || !(map.get("encoder") instanceof String encoder)) {
      throw new WrongUseException(origin + ": each view must hold 'view' and 'encoder'");
    }
    return new Entry(
        view,
        resolve(encoder, folder),
        Optional.ofNullable(map.get("kind")).map(Object::toString).map(Kind::of),
        map(
            map.getOrDefault("settings", Map.of()),
            origin,
            "'settings' of view '" + view + "' must hold keys and values"));
  }

  /** A folder as a whole path, so that it can be found from anywhere; other names as they are. */
  private static String resolve(String encoder, Path folder) {
    Path path;
    try {
      path = folder.resolve(encoder).normalize();
    } catch (InvalidPathException e) {
      throw new WrongUseException(
          "an encoder's name holds a character that no name can: " + e.getReason(), e);
    }
    boolean named = encoder.startsWith("./") || encoder.startsWith("../");
    return named || Files.isDirectory(path) ? path.toString() : encoder;
  }

  private static void checkKeys(Map<String, Object> map, List<String> known, String origin) {
    for (String key : map.keySet()) {
      if (!known.contains(key)) {
        throw Names.unknown("key in " + origin, key, known);
      }
    }
  }

  private static Map<String, Object> map(Object node, String origin, String expected) {
    if (!(node instanceof Map<?, ?> given)) {
      throw new WrongUseException(origin + ": " + expected);
    }
    Map<String, Object> map = new LinkedHashMap<>();
    given.forEach(
        (key, value) -> {
          if (value == null) {
            throw new WrongUseException(origin + ": '" + key + "' has no value");
          }
          map.put(String.valueOf(key), value);
        });
    return map;
  }
}
