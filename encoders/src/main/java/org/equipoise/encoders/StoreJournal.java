package org.equipoise.encoders;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.equipoise.core.SkippedPost;
import org.equipoise.core.SourceLine;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.io.Json;
import org.equipoise.core.io.Reasons;

/**
 * What an unfinished feature store holds so far: a line that says how it is made, then a line for
 * each whole shard, forced to disk after the shard. A torn last line, or one whose shard is not
 * there, does not count. Holding it open keeps other processes out.
 */
final class StoreJournal implements AutoCloseable {
  static final String FILE = "progress.jsonl";

  private final Path file;
  private final FileChannel channel;
  private final StoreHeader header;
  private final List<Line> lines;

  /**
   * One whole shard.
   *
   * @param shard the file
   * @param ids of its posts, in order
   * @param skipped posts between them that could not be used
   */
  record Line(StoreManifest.Shard shard, List<String> ids, List<Skipped> skipped) {}

  /**
   * A post that could not be used.
   *
   * @param after how many posts of its shard came before it
   */
  record Skipped(int after, SkippedPost post) {
    Map<String, Object> toJson() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("after", after);
      json.putAll(Skipped.toJson(post));
      return json;
    }

    static Map<String, Object> toJson(SkippedPost post) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("id", post.id());
      json.put("file", post.source().file());
      json.put("line", post.source().line());
      json.put("reason", post.reason());
      json.put("message", post.message());
      return json;
    }

    static Skipped fromJson(JsonNode json) {
      return new Skipped(
          json.path("after").asInt(),
          new SkippedPost(
              json.path("id").asText(),
              new SourceLine(json.path("file").asText(), json.path("line").asLong()),
              json.path("reason").asText(),
              json.path("message").asText()));
    }
  }

  private StoreJournal(Path file, FileChannel channel, StoreHeader header, List<Line> lines) {
    this.file = file;
    this.channel = channel;
    this.header = header;
    this.lines = lines;
  }

  /** The header of the unfinished store in that folder, if there is one. */
  static Optional<StoreHeader> header(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      String text = Files.readString(file);
      int end = text.indexOf('\n');
      return end < 0
          ? Optional.empty()
          : Optional.of(
              StoreManifest.header(Json.MAPPER.readTree(text.substring(0, end)), file.toString()));
    } catch (JsonProcessingException e) {
      throw damaged(file, e);
    } catch (IOException e) {
      throw new WrongUseException("cannot read " + file + ": " + Reasons.of(e), e);
    }
  }

  /**
   * Opens the journal of a folder, or starts one.
   *
   * @param wanted how the store is to be made if there is none yet
   * @throws WrongUseException if another process has it open, or it is damaged
   */
  static StoreJournal open(Path folder, StoreHeader wanted) throws IOException {
    Path file = folder.resolve(FILE);
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      lock(channel, folder);
      return read(folder, file, channel, wanted);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void lock(FileChannel channel, Path folder) throws IOException {
    boolean locked;
    try {
      locked = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      locked = false;
    }
    if (!locked) {
      throw new WrongUseException("another encode is writing to " + folder + "; wait for it");
    }
  }

  private static StoreJournal read(Path folder, Path file, FileChannel channel, StoreHeader wanted)
      throws IOException {
    byte[] bytes = new byte[Math.toIntExact(channel.size())];
    ByteBuffer content = ByteBuffer.wrap(bytes);
    while (content.hasRemaining() && channel.read(content, content.position()) >= 0) {}
    StoreHeader header = wanted;
    List<Line> lines = new ArrayList<>();
    int good = 0;
    for (int start = 0, end; (end = lineEnd(bytes, start)) >= 0; start = end + 1) {
      JsonNode json = parse(file, new String(bytes, start, end - start, StandardCharsets.UTF_8));
      if (start == 0) {
        header = StoreManifest.header(json, file.toString());
      } else {
        Line line = line(json);
        if (!isWhole(folder, line.shard)) {
          break;
        }
        lines.add(line);
      }
      good = end + 1;
    }
    channel.truncate(good);
    channel.position(good);
    StoreJournal journal = new StoreJournal(file, channel, header, lines);
    if (good == 0) {
      journal.write(StoreManifest.headerJson(wanted));
    }
    return journal;
  }

  private static int lineEnd(byte[] bytes, int from) {
    for (int i = from; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  private static JsonNode parse(Path file, String line) {
    try {
      return Json.MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      throw damaged(file, e);
    }
  }

  private static WrongUseException damaged(Path file, Exception cause) {
    return new WrongUseException(
        file + " is damaged; remove " + file.getParent() + " and encode again", cause);
  }

  private static boolean isWhole(Path folder, StoreManifest.Shard shard) throws IOException {
    Path file = folder.resolve(shard.file());
    return Files.isRegularFile(file) && Files.size(file) == shard.bytes();
  }

  private static Line line(JsonNode json) {
    List<String> ids = new ArrayList<>();
    json.path("ids").forEach(id -> ids.add(id.asText()));
    List<Skipped> skipped = new ArrayList<>();
    json.path("skipped").forEach(post -> skipped.add(Skipped.fromJson(post)));
    return new Line(StoreManifest.Shard.fromJson(json), ids, skipped);
  }

  private void write(Map<String, Object> json) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((Json.line(json) + "\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    channel.force(true);
  }

  /** How the store is made; where it was begun earlier, as it was begun. */
  StoreHeader header() {
    return header;
  }

  /** The whole shards so far. */
  List<Line> lines() {
    return lines;
  }

  /** Adds a shard that is whole on disk. */
  void append(Line line) throws IOException {
    Map<String, Object> json = line.shard.toJson();
    json.put("ids", line.ids);
    json.put("skipped", line.skipped.stream().map(Skipped::toJson).toList());
    write(json);
    lines.add(line);
  }

  /** Removes the journal that a process left which died just after it had written the manifest. */
  static void deleteLeftOver(Path folder) {
    try {
      Files.deleteIfExists(folder.resolve(FILE));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + folder.resolve(FILE), e);
    }
  }

  /** Removes the file: the manifest has taken its place. */
  void delete() {
    try {
      channel.close();
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + file, e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close " + file, e);
    }
  }
}
