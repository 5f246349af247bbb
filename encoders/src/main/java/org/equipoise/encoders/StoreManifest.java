package org.equipoise.encoders;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.equipoise.core.Names;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.features.FeatureSpec;
import org.equipoise.core.io.Json;
import org.equipoise.core.safetensors.DType;

/**
 * What a feature store's {@code manifest.json} says.
 *
 * @param header how the features were made and stored
 * @param ids of the posts, in the order of their rows
 * @param shards the files, in order
 * @param skipped how many posts could not be used; {@value #SKIPPED_FILE} lists them
 */
public record StoreManifest(
    StoreHeader header, List<String> ids, List<Shard> shards, long skipped) {
  static final String FILE = "manifest.json";

  /** One line for each post that could not be used: id, source, reason and message. */
  public static final String SKIPPED_FILE = "skipped.jsonl";

  private static final int FORMAT_VERSION = 1;
  private static final List<String> DTYPES = List.of("float32", "float16");

  /**
   * One safetensors file.
   *
   * @param file its name
   * @param posts its rows
   * @param bytes its size
   * @param sha256 its hash
   * @param present posts that have the view, by view
   * @param truncated posts that were longer than the encoder reads, by view
   */
  public record Shard(
      String file,
      int posts,
      long bytes,
      String sha256,
      Map<String, Long> present,
      Map<String, Long> truncated) {
    Map<String, Object> toJson() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("file", file);
      json.put("posts", posts);
      json.put("bytes", bytes);
      json.put("sha256", sha256);
      json.put("present", present);
      json.put("truncated", truncated);
      return json;
    }

    static Shard fromJson(JsonNode json) {
      return new Shard(
          json.path("file").asText(),
          json.path("posts").asInt(),
          json.path("bytes").asLong(),
          json.path("sha256").asText(),
          counts(json.path("present")),
          counts(json.path("truncated")));
    }

    private static Map<String, Long> counts(JsonNode node) {
      Map<String, Long> counts = new LinkedHashMap<>();
      node.properties().forEach(entry -> counts.put(entry.getKey(), entry.getValue().asLong()));
      return counts;
    }
  }

  public StoreManifest {
    ids = List.copyOf(ids);
    shards = List.copyOf(shards);
  }

  /** How many posts have the view. */
  public long present(String view) {
    return shards.stream().mapToLong(s -> s.present().getOrDefault(view, 0L)).sum();
  }

  /** How many posts were longer than the view's encoder reads. */
  public long truncated(String view) {
    return shards.stream().mapToLong(s -> s.truncated().getOrDefault(view, 0L)).sum();
  }

  /** As the file holds it. */
  Map<String, Object> toJson() {
    Map<String, Object> json = headerJson(header);
    json.put("posts", ids.size());
    json.put("skipped", skipped);
    json.put("skipped_file", SKIPPED_FILE);
    Map<String, Object> present = new LinkedHashMap<>();
    Map<String, Object> truncated = new LinkedHashMap<>();
    header
        .spec()
        .views()
        .forEach(
            view -> {
              present.put(view.name(), present(view.name()));
              truncated.put(view.name(), truncated(view.name()));
            });
    json.put("present", present);
    json.put("truncated", truncated);
    json.put("shards", shards.stream().map(Shard::toJson).toList());
    json.put("ids", ids);
    return json;
  }

  static Map<String, Object> headerJson(StoreHeader header) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("format_version", FORMAT_VERSION);
    json.put("dtype", dtypeName(header.type()));
    json.putAll(header.spec().toJson());
    json.put("threads", header.threads());
    json.put("threads_each", header.threadsEach());
    json.put("device", header.device().id());
    json.put("data", header.data());
    json.put("shard_posts", header.shardPosts());
    json.put("shard_bytes", header.shardBytes());
    return json;
  }

  static StoreHeader header(JsonNode json, String origin) {
    int version = json.path("format_version").asInt();
    if (version != FORMAT_VERSION) {
      throw new WrongUseException(
          "%s has format_version %d; this program reads %d"
              .formatted(origin, version, FORMAT_VERSION));
    }
    return new StoreHeader(
        FeatureSpec.fromJson(json, origin),
        dtype(json.path("dtype").asText()),
        json.path("data").asText(),
        json.path("threads").asInt(),
        threadsEach(json.path("threads_each")),
        // stores of before there was a choice were made on the processor
        EncoderOptions.Device.of(json.path("device").asText(EncoderOptions.Device.CPU.id())),
        json.path("shard_posts").asInt(),
        json.path("shard_bytes").asLong());
  }

  private static Map<String, Integer> threadsEach(JsonNode node) {
    Map<String, Integer> threads = new LinkedHashMap<>();
    node.properties().forEach(entry -> threads.put(entry.getKey(), entry.getValue().asInt()));
    return threads;
  }

  /** {@code float32} or {@code float16}. */
  static String dtypeName(DType type) {
    return type == DType.F16 ? "float16" : "float32";
  }

  /**
   * The type of that name.
   *
   * @throws WrongUseException if it is neither {@code float32} nor {@code float16}
   */
  public static DType dtype(String name) {
    return Names.choose("dtype", name, DTYPES, n -> n).equals("float16") ? DType.F16 : DType.F32;
  }

  static StoreManifest read(Path file) {
    JsonNode json = Json.read(file);
    StoreHeader header = header(json, file.toString());
    List<String> ids = new ArrayList<>();
    json.path("ids").forEach(id -> ids.add(id.asText()));
    List<Shard> shards = new ArrayList<>();
    json.path("shards").forEach(shard -> shards.add(Shard.fromJson(shard)));
    if (shards.stream().mapToLong(Shard::posts).sum() != ids.size()) {
      throw new WrongUseException(
          file + " is damaged: its shards do not hold as many posts as it has ids; encode again");
    }
    return new StoreManifest(header, ids, shards, json.path("skipped").asLong());
  }
}
