package org.equipoise.encoders.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.equipoise.core.Names;
import org.equipoise.core.WrongUseException;

/** What a hub knows of models: commits and listings, and why it refuses. */
final class Hub {
  private static final Pattern NEXT = Pattern.compile("<([^>]*)>\\s*;[^,]*\\brel=\"?next\"?");
  private static final int FEW = 5;

  private final HubSettings settings;
  private final HubClient client;

  Hub(HubSettings settings) {
    this.settings = settings;
    this.client = new HubClient(settings);
  }

  HubClient client() {
    return client;
  }

  /**
   * The commit that a branch, tag or shortened commit stands for.
   *
   * @throws WrongUseException if there is no such model or revision, or it may not be read
   * @throws UncheckedIOException if the hub does not answer
   */
  String commit(String id, String revision) {
    URI uri = address("/api/models/" + id + "/revision/" + encoded(revision));
    JsonNode model = read("looking up " + id, uri, id, revision).json();
    String commit = model.path("sha").asText();
    if (!commit.matches("[0-9a-f]{40}")) {
      throw HubClient.notAHub(uri, null);
    }
    return commit;
  }

  /**
   * All files of a model at a commit.
   *
   * @throws WrongUseException if there is no such model or commit, it may not be read, or a path
   *     would lead out of the model's folder
   * @throws UncheckedIOException if the hub does not answer
   */
  List<HubFile> files(String id, String commit) {
    URI tree = address("/api/models/" + id + "/tree/" + commit);
    List<HubFile> files = new ArrayList<>();
    Set<String> queries = new HashSet<>();
    String query = "recursive=true";
    while (queries.add(query)) {
      URI page = URI.create(tree + "?" + query);
      Page read = read("listing the files of " + id, page, id, commit);
      if (!read.json().isArray() || read.json().isEmpty()) {
        // an answer that lists nothing would be remembered as the commit's listing
        throw HubClient.notAHub(page, null);
      }
      for (JsonNode entry : read.json()) {
        if (entry.path("type").asText().equals("file")) {
          files.add(file(entry, page));
        }
      }
      Optional<String> next = read.next();
      if (next.isEmpty()) {
        return List.copyOf(files);
      }
      // a mirror may pass on links to the hub behind it; what counts is the cursor
      query = next.get();
    }
    throw HubClient.notAHub(tree, null);
  }

  private static HubFile file(JsonNode entry, URI page) {
    JsonNode large = entry.path("lfs");
    JsonNode source = large.isObject() ? large : entry;
    Checksum checksum =
        Checksum.of(source.path("oid").asText().replaceFirst("^sha256:", ""))
            .orElseThrow(() -> HubClient.notAHub(page, null));
    if (!source.path("size").isIntegralNumber()) {
      throw HubClient.notAHub(page, null);
    }
    return new HubFile(entry.path("path").asText(), source.path("size").asLong(), checksum);
  }

  /** Where a file is fetched from. */
  URI address(String id, String commit, String path) {
    String encoded = Arrays.stream(path.split("/")).map(Hub::encoded).collect(joining());
    return address("/" + id + "/resolve/" + commit + "/" + encoded);
  }

  private static java.util.stream.Collector<CharSequence, ?, String> joining() {
    return Collectors.joining("/");
  }

  private URI address(String path) {
    return URI.create(settings.endpoint() + path);
  }

  private static String encoded(String part) {
    return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private record Page(JsonNode json, Optional<String> next) {}

  private Page read(String what, URI uri, String id, String revision) {
    return client.retry(
        what,
        "",
        () -> {
          HubClient.Answer answer = client.get(uri, Map.of("Accept", "application/json"));
          try {
            if (answer.status() != 200) {
              throw refused(answer, id, revision, Optional.empty());
            }
            JsonNode json = client.json(answer);
            return new Page(
                json,
                answer.headers().allValues("Link").stream()
                    .map(NEXT::matcher)
                    .filter(Matcher::find)
                    .map(found -> uri.resolve(found.group(1)).getRawQuery())
                    .findFirst());
          } finally {
            HubClient.close(answer);
          }
        });
  }

  /**
   * Why a hub did not answer with 200, in words.
   *
   * @param file what was asked for; empty for the model itself
   */
  WrongUseException refused(
      HubClient.Answer answer, String id, String revision, Optional<String> file) {
    String of = file.map(path -> path + " of ").orElse("") + id;
    String hub = settings.endpoint().toString();
    String page = hub + "/" + id;
    int status = answer.status();
    if (status == 403 || answer.header("X-Error-Code").equals("GatedRepo")) {
      return new WrongUseException(
          "%s may not be read (%d): accept the model's terms at %s, and set HF_TOKEN to a token of that account%s"
              .formatted(
                  of,
                  status,
                  page,
                  settings.token().isPresent() ? " which may read gated models" : ""));
    }
    if (status == 401) {
      return new WrongUseException(
          settings.token().isPresent()
              ? "the hub refuses the token for %s (401): there is no such model, or the token is not valid; make one at %s/settings/tokens and set HF_TOKEN"
                  .formatted(of, hub)
              : "%s may not be read without a token (401): there is no such model, or it is private or gated; look at %s, accept its terms if it has any, and set HF_TOKEN%s"
                  .formatted(of, page, likely(id)));
    }
    if (status == 404) {
      return absent(answer.header("X-Error-Code"), id, revision, file);
    }
    return new WrongUseException(
        "the hub at " + hub + " answered " + status + " when asked for " + of);
  }

  private WrongUseException absent(String code, String id, String revision, Optional<String> file) {
    String hub = settings.endpoint().toString();
    if (file.isPresent()) {
      return new WrongUseException(
          "the hub lists %s of %s at %s but does not have it (404)"
              .formatted(file.get(), id, revision));
    }
    Optional<List<String>> revisions =
        code.equals("RepoNotFound") ? Optional.empty() : revisions(id);
    if (revisions.isPresent()) {
      return new WrongUseException(
          "model "
              + id
              + " has no revision '"
              + revision
              + "'"
              + Names.nearest(revision, revisions.get())
                  .map(
                      name ->
                          ": did you mean '"
                              + name
                              + "'? known: "
                              + String.join(", ", revisions.get()))
                  .orElse(""));
    }
    return new WrongUseException("there is no model " + id + " at " + hub + likely(id));
  }

  /** Branches and tags; empty if there is no such model. */
  private Optional<List<String>> revisions(String id) {
    return attempt(
        address("/api/models/" + id + "/refs"),
        refs -> {
          List<String> names = new ArrayList<>();
          for (String kind : List.of("branches", "tags")) {
            refs.path(kind).forEach(ref -> names.add(ref.path("name").asText()));
          }
          return names;
        });
  }

  /** Models with a like name, as the end of a message. */
  private String likely(String id) {
    String name = id.substring(id.indexOf('/') + 1);
    return attempt(
            address("/api/models?limit=" + FEW + "&search=" + encoded(name)),
            found -> {
              List<String> ids = new ArrayList<>();
              found.forEach(model -> ids.add(model.path("id").asText()));
              return ids;
            })
        .filter(ids -> !ids.isEmpty())
        .map(ids -> "; models with a like name: " + String.join(", ", ids))
        .orElse("");
  }

  /** Something that makes a message better; whatever goes wrong, it is left out. */
  private <T> Optional<T> attempt(URI uri, Function<JsonNode, T> reading) {
    try {
      HubClient.Answer answer = client.get(uri, Map.of());
      try {
        return answer.status() == 200
            ? Optional.of(reading.apply(client.json(answer)))
            : Optional.empty();
      } finally {
        HubClient.close(answer);
      }
    } catch (TransientFailure | UncheckedIOException | WrongUseException e) {
      return Optional.empty();
    }
  }
}
