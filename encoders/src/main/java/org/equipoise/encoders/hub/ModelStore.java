package org.equipoise.encoders.hub;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.equipoise.core.io.AtomicFiles;
import org.equipoise.core.io.Json;

/**
 * The folder that fetched models are kept in. A model {@code owner/name} has there:
 *
 * <ul>
 *   <li>{@code owner--name/<commit>/<path>}: files that are whole and were verified
 *   <li>{@code owner--name/listings/<commit>.json}: what the hub lists at the commit
 *   <li>{@code owner--name/refs/<revision>}: the commit that a branch or tag stood for when the hub
 *       was last asked
 *   <li>{@code owner--name/verified/<commit>.json}: which files, here or in Python's cache, were
 *       hashed, and their size and time then
 *   <li>{@code owner--name/partial/}: what has arrived of files that are not whole yet
 * </ul>
 */
final class ModelStore {
  private static final String REFS = "refs";
  private static final String LISTINGS = "listings";
  private static final String VERIFIED = "verified";
  private static final String JSON = ".json";

  private final Path models;

  ModelStore(Path models) {
    this.models = models;
  }

  /** A model at a commit, of which files are kept. */
  record Kept(String id, String commit) {}

  /** What is known of a file that was hashed: as long as size and time are those, it is that. */
  record Verified(long size, long modified, Checksum checksum) {
    static Verified of(Path file, Checksum checksum) throws IOException {
      return new Verified(Files.size(file), Files.getLastModifiedTime(file).toMillis(), checksum);
    }
  }

  private Path model(String id) {
    return models.resolve(id.replace("/", "--"));
  }

  /** The folder of a commit's files. */
  Path files(String id, String commit) {
    return model(id).resolve(commit);
  }

  /** The folder of files that are not whole yet. */
  Path partial(String id) {
    return model(id).resolve("partial");
  }

  /** Every commit of which files are, or were, verified here or in Python's cache. */
  List<Kept> kept() {
    List<Kept> kept = new ArrayList<>();
    for (String model : names(models)) {
      String id = model.replaceFirst("--", "/");
      Set<String> commits = new TreeSet<>(names(model(id)));
      names(model(id).resolve(VERIFIED)).forEach(name -> commits.add(name.replace(JSON, "")));
      commits.stream().filter(Models::isCommit).forEach(commit -> kept.add(new Kept(id, commit)));
    }
    return kept;
  }

  /** Names of what lies in a folder; empty if there is none. */
  static List<String> names(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The commit that a revision stood for when the hub was last asked. */
  Optional<String> commit(String id, String revision) {
    return text(ref(id, revision)).map(String::strip).filter(Models::isCommit);
  }

  void rememberCommit(String id, String revision, String commit) {
    write(id, ref(id, revision), commit + "\n");
  }

  private Path ref(String id, String revision) {
    return model(id).resolve(REFS).resolve(URLEncoder.encode(revision, StandardCharsets.UTF_8));
  }

  /** What the hub listed at a commit. */
  Optional<List<HubFile>> listing(String id, String commit) {
    return read(
        listingFile(id, commit),
        json -> {
          List<HubFile> files = new ArrayList<>();
          for (JsonNode file : json.path("files")) {
            files.add(
                new HubFile(
                    file.path("path").asText(), file.path("size").asLong(), checksum(file)));
          }
          return files;
        });
  }

  void rememberListing(String id, String commit, List<HubFile> listing) {
    List<Map<String, Object>> files = new ArrayList<>();
    for (HubFile file : listing) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("path", file.path());
      entry.put("size", file.size());
      entry.put("hash", file.checksum().hex());
      files.add(entry);
    }
    write(id, listingFile(id, commit), Json.pretty(Map.of("files", files)));
  }

  private Path listingFile(String id, String commit) {
    return model(id).resolve(LISTINGS).resolve(commit + JSON);
  }

  /** Files of a model that were hashed, by their full path. */
  Map<Path, Verified> verified(String id, String commit) {
    Path folder = files(id, commit);
    return read(
            verifiedFile(id, commit),
            json -> {
              Map<Path, Verified> verified = new TreeMap<>();
              for (Map.Entry<String, JsonNode> entry : json.properties()) {
                JsonNode known = entry.getValue();
                verified.put(
                    folder.resolve(entry.getKey()),
                    new Verified(
                        known.path("size").asLong(),
                        known.path("modified").asLong(),
                        checksum(known)));
              }
              return verified;
            })
        .orElseGet(TreeMap::new);
  }

  private static Checksum checksum(JsonNode entry) {
    return Checksum.of(entry.path("hash").asText()).orElseThrow();
  }

  /** Remembers a file that was hashed just now. */
  void rememberVerified(String id, String commit, Path hashed, Verified as) {
    change(id, commit, all -> all.put(hashed, as));
  }

  /** Forgets a file that is no longer what it was. */
  void forgetVerified(String id, String commit, Path file) {
    change(id, commit, all -> all.remove(file));
  }

  private void change(String id, String commit, Consumer<Map<Path, Verified>> change) {
    Path folder = files(id, commit);
    Path file = verifiedFile(id, commit);
    remember(
        id,
        () -> {
          Map<Path, Verified> all = verified(id, commit);
          change.accept(all);
          Map<String, Object> entries = new LinkedHashMap<>();
          all.forEach(
              (path, known) -> {
                Map<String, Object> entry = new LinkedHashMap<>();
                entry.put("size", known.size());
                entry.put("modified", known.modified());
                entry.put("hash", known.checksum().hex());
                // what lies in this folder is found again when the folder was moved
                boolean here = path.startsWith(folder);
                entries.put((here ? folder.relativize(path) : path).toString(), entry);
              });
          return written(file, Json.pretty(entries));
        });
  }

  private Path verifiedFile(String id, String commit) {
    return model(id).resolve(VERIFIED).resolve(commit + JSON);
  }

  private Path lock(String id) {
    return model(id).resolve("index.lock");
  }

  private void write(String id, Path file, String text) {
    remember(id, () -> written(file, text));
  }

  /** Where the folder cannot be written to, what is not remembered is asked or hashed again. */
  private void remember(String id, Supplier<Path> writing) {
    try {
      Locks.hold(lock(id), writing);
    } catch (UncheckedIOException e) {
      // fetching, which needs the folder, says so
    }
  }

  private static Path written(Path file, String text) {
    try {
      AtomicFiles.write(file, text);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<String> text(Path file) {
    try {
      return Optional.of(Files.readString(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a file of our own says; one that somebody has changed says nothing. */
  private static <T> Optional<T> read(Path file, Function<JsonNode, T> reading) {
    return text(file)
        .flatMap(
            text -> {
              try {
                return Optional.of(reading.apply(Json.MAPPER.readTree(text)));
              } catch (JacksonException | NoSuchElementException e) {
                return Optional.empty();
              }
            });
  }
}
