package org.equipoise.core.features;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.equipoise.core.Form;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;

/**
 * How posts became features. It is stored with the features and with every run trained on them.
 *
 * @param form tokens or pooled
 * @param encoders one for each view, in order
 * @param cleaning what is done to texts before encoding, by name
 */
public record FeatureSpec(Form form, List<EncoderInfo> encoders, Map<String, String> cleaning) {
  public FeatureSpec {
    encoders = List.copyOf(encoders);
    cleaning = java.util.Collections.unmodifiableMap(new TreeMap<>(cleaning));
  }

  /** The views, in order. */
  public List<View> views() {
    return encoders.stream().map(EncoderInfo::view).toList();
  }

  /**
   * In words, what keeps features made one way from being used where others are expected; empty if
   * they fit. Views that only {@code other} has are no hindrance.
   */
  public Optional<String> mismatch(FeatureSpec other) {
    Map<String, EncoderInfo> theirs =
        other.encoders.stream()
            .collect(Collectors.toMap(e -> e.view().name(), Function.identity()));
    List<String> differences = new ArrayList<>();
    for (EncoderInfo ours : encoders) {
      EncoderInfo their = theirs.get(ours.view().name());
      if (their == null) {
        differences.add("view '" + ours.view().name() + "' is missing");
      } else if (!their.view().equals(ours.view()) || !their.sha256().equals(ours.sha256())) {
        differences.add(
            "view '%s' is of encoder %s (%s, width %d), not %s (%s, width %d)"
                .formatted(
                    ours.view().name(),
                    their.encoder(),
                    shortHash(their),
                    their.view().width(),
                    ours.encoder(),
                    shortHash(ours),
                    ours.view().width()));
      }
    }
    if (!cleaning.equals(other.cleaning)) {
      differences.add("texts were cleaned as " + other.cleaning + ", not " + cleaning);
    }
    return differences.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", differences));
  }

  /** For a JSON file: {@code form}, {@code views} with their encoders, {@code cleaning}. */
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("form", form.id());
    json.put("views", encoders.stream().map(FeatureSpec::toJson).toList());
    json.put("cleaning", cleaning);
    return json;
  }

  private static Map<String, Object> toJson(EncoderInfo info) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", info.view().name());
    json.put("modality", info.view().modality().id());
    json.put("kind", info.view().kind().id());
    json.put("width", info.view().width());
    json.put("tokens", info.tokens());
    json.put("encoder", info.encoder());
    json.put("sha256", info.sha256());
    json.put("settings", info.settings());
    return json;
  }

  /**
   * Reads what {@link #toJson()} gave.
   *
   * @param origin what is read, for messages
   * @throws WrongUseException if a part is missing
   */
  public static FeatureSpec fromJson(JsonNode json, String origin) {
    List<EncoderInfo> encoders = new ArrayList<>();
    for (JsonNode view : json.path("views")) {
      encoders.add(
          new EncoderInfo(
              new View(
                  word(view, "name", origin),
                  Modality.of(word(view, "modality", origin)),
                  Kind.of(word(view, "kind", origin)),
                  view.path("width").asInt()),
              view.path("tokens").asInt(),
              word(view, "encoder", origin),
              word(view, "sha256", origin),
              words(view.path("settings"))));
    }
    if (encoders.isEmpty()) {
      throw new WrongUseException(origin + " names no views");
    }
    return new FeatureSpec(
        Form.of(word(json, "form", origin)), encoders, words(json.path("cleaning")));
  }

  private static String word(JsonNode node, String key, String origin) {
    if (!node.path(key).isTextual()) {
      throw new WrongUseException(origin + " lacks '" + key + "'");
    }
    return node.path(key).asText();
  }

  private static Map<String, String> words(JsonNode node) {
    Map<String, String> words = new TreeMap<>();
    node.properties().forEach(entry -> words.put(entry.getKey(), entry.getValue().asText()));
    return words;
  }

  private static String shortHash(EncoderInfo info) {
    return info.sha256().substring(0, Math.min(8, info.sha256().length()));
  }
}
