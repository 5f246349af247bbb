package org.equipoise.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.equipoise.core.Post;
import org.equipoise.core.SkippedPost;
import org.equipoise.core.SourceLine;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.io.Json;

/** A JSON object a line: the canonical posts, or any with other keys. */
final class JsonLinesReader implements PostReader {
  /** Keys may be left out of an object, so a missing one shows only over several lines. */
  private static final int LINES_SEARCHED_FOR_KEYS = 1000;

  private final Path file;
  private final Map<String, String> keys = new LinkedHashMap<>();
  private final boolean canonical;

  JsonLinesReader(DataSpec spec) {
    file = Places.file(spec.path(), spec.format());
    canonical = spec.format() == DataFormat.CANONICAL;
    DataOptions.FIELDS.forEach(field -> keys.put(field, field));
    if (!canonical) {
      keys.putAll(spec.options().columns());
    }
    requireKeys(spec.options().columns());
  }

  private void requireKeys(Map<String, String> mapped) {
    Set<String> seen = new LinkedHashSet<>();
    try (Lines lines = new Lines(file)) {
      for (int i = 0; i < LINES_SEARCHED_FOR_KEYS && lines.next(); i++) {
        parse(lines).fieldNames().forEachRemaining(seen::add);
      }
    }
    if (seen.isEmpty()) {
      return;
    }
    if (!canonical) {
      for (String key : mapped.values()) {
        require(seen, key);
      }
      if (seen.contains("image") && !seen.contains("images") && !mapped.containsKey("images")) {
        keys.put("images", "image");
      }
    }
    require(seen, keys.get("id"));
    if (!seen.contains(keys.get("text")) && !seen.contains(keys.get("images"))) {
      require(seen, keys.get("text"));
    }
  }

  private void require(Set<String> seen, String key) {
    if (!seen.contains(key)) {
      throw new WrongUseException(
          file
              + " has no key '"
              + key
              + "'; its objects have: "
              + String.join(", ", seen)
              + (canonical ? "" : " (--map field=key names others)"));
    }
  }

  @Override
  public void forEach(Consumer<? super Post> posts, Consumer<? super SkippedPost> skipped) {
    Path folder = Places.parent(file);
    try (Lines lines = new Lines(file)) {
      while (lines.next()) {
        if (lines.text().isBlank()) {
          continue;
        }
        JsonNode object = parse(lines);
        if (!lines.problem().isEmpty()) {
          skipped.accept(
              new SkippedPost(
                  text(object, "id"),
                  lines.source(),
                  lines.problem(),
                  Lines.explain(lines.problem())));
        } else if (!object.isObject()) {
          skipped.accept(
              new SkippedPost("", lines.source(), "broken_line", "the line is no JSON object"));
        } else {
          PostFields.accept(
              field -> text(object, field),
              images(object),
              folder,
              source(object, lines),
              posts,
              skipped);
        }
      }
    }
  }

  private static JsonNode parse(Lines lines) {
    try {
      JsonNode node = Json.MAPPER.readTree(lines.text());
      return node.isObject() ? node : MissingNode.getInstance();
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }

  private String text(JsonNode object, String field) {
    JsonNode value = object.path(keys.get(field));
    return value.isNull() || value.isContainerNode() ? "" : value.asText();
  }

  private List<String> images(JsonNode object) {
    JsonNode value = object.path(keys.get("images"));
    List<String> images = new ArrayList<>();
    if (value.isArray()) {
      value.forEach(image -> images.add(image.asText()));
    } else if (value.isTextual()) {
      images.add(value.asText());
    }
    return images;
  }

  /** Canonical posts remember where they came from. */
  private SourceLine source(JsonNode object, Lines lines) {
    JsonNode source = object.path("source");
    return canonical && source.path("file").isTextual()
        ? new SourceLine(source.path("file").asText(), source.path("line").asLong(1))
        : lines.source();
  }
}
