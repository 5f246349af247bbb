package org.equipoise.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.equipoise.core.Post;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.io.AtomicFiles;
import org.equipoise.core.io.Json;

/**
 * Which posts train, validate and test: {@code splits.json}.
 *
 * @param data the fingerprint of the posts that were divided
 * @param protocol who is in the test set
 * @param seed what drew the parts
 * @param incomplete whether posts that lack one modality took part
 * @param folds one division or several, each of the same posts
 */
public record Splits(
    String data, Protocol protocol, long seed, Incomplete incomplete, List<Fold> folds) {
  private static final int FORMAT_VERSION = 1;

  public Splits {
    folds = List.copyOf(folds);
  }

  /**
   * One division, by ids in the order of the data set.
   *
   * @param train posts to learn from
   * @param validation posts to choose by
   * @param test posts that are read once, at the end
   */
  public record Fold(List<String> train, List<String> validation, List<String> test) {
    public Fold {
      train = List.copyOf(train);
      validation = List.copyOf(validation);
      test = List.copyOf(test);
    }
  }

  /**
   * The fold of that number.
   *
   * @throws WrongUseException if there are not so many
   */
  public Fold fold(int index) {
    if (index < 0 || index >= folds.size()) {
      throw new WrongUseException(
          "there is no fold " + index + ": the split has folds 0 to " + (folds.size() - 1));
    }
    return folds.get(index);
  }

  /**
   * Writes the file, whole or not at all.
   *
   * @throws IOException if the disk fails
   */
  public void write(Path file) throws IOException {
    AtomicFiles.write(file, out -> out.write(toJson().getBytes(StandardCharsets.UTF_8)));
  }

  /** The file's text. */
  String toJson() {
    ObjectNode root = Json.MAPPER.createObjectNode();
    root.put("format_version", FORMAT_VERSION);
    root.put("data", data);
    root.put("protocol", protocol.id());
    root.put("seed", seed);
    root.put("incomplete", incomplete.id());
    ArrayNode list = root.putArray("folds");
    for (Fold fold : folds) {
      ObjectNode node = list.addObject();
      fold.train().forEach(node.putArray("train")::add);
      fold.validation().forEach(node.putArray("validation")::add);
      fold.test().forEach(node.putArray("test")::add);
    }
    return Json.line(root) + "\n";
  }

  /**
   * Reads {@code splits.json}.
   *
   * @throws WrongUseException if the file is absent, or is no such file
   */
  public static Splits read(Path file) {
    JsonNode root = Json.read(file);
    if (root.path("format_version").asInt() != FORMAT_VERSION || !root.path("folds").isArray()) {
      throw new WrongUseException(
          file + " is no split of posts in format " + FORMAT_VERSION + ": make one by data split");
    }
    List<Fold> folds = new ArrayList<>();
    for (JsonNode fold : root.get("folds")) {
      folds.add(new Fold(ids(fold, "train"), ids(fold, "validation"), ids(fold, "test")));
    }
    return new Splits(
        root.path("data").asText(),
        Protocol.of(root.path("protocol").asText()),
        root.path("seed").asLong(),
        Incomplete.of(root.path("incomplete").asText()),
        folds);
  }

  private static List<String> ids(JsonNode fold, String part) {
    List<String> ids = new ArrayList<>();
    fold.path(part).forEach(id -> ids.add(id.asText()));
    return ids;
  }

  /**
   * Makes sure that the split is of these posts.
   *
   * @param posts the posts that take part under {@link #incomplete()}
   * @throws WrongUseException if posts of the split are missing, or the posts are others
   */
  public void requireOf(Dataset posts) {
    Set<String> known = new HashSet<>();
    for (Post post : posts.posts()) {
      known.add(post.id());
    }
    for (Fold fold : folds) {
      for (List<String> part : List.of(fold.train(), fold.validation(), fold.test())) {
        for (String id : part) {
          if (!known.contains(id)) {
            throw new WrongUseException(
                "the split names the post '" + id + "', which is not in " + posts.name());
          }
        }
      }
    }
    if (!data.equals(posts.fingerprint())) {
      throw new WrongUseException(
          "the split was made of other posts than "
              + posts.name()
              + " (its fingerprint is "
              + data
              + ", theirs "
              + posts.fingerprint()
              + "): split again");
    }
  }
}
