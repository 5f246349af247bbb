package org.equipoise.encoders.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.equipoise.core.io.Hashes;
import org.equipoise.core.io.Json;

/**
 * A server that behaves like a hub: small files come from itself, large ones from a second host
 * that it redirects to. Faults can be set for single requests.
 */
public final class LocalHub implements AutoCloseable {
  /** Entries of a page of a listing. */
  private static final int PAGE = 2;

  private final HttpServer hub;
  private final HttpServer cdn;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "local-hub");
            thread.setDaemon(true);
            return thread;
          });
  private final Map<String, Model> models = new ConcurrentHashMap<>();
  private final Map<String, Queue<Fault>> faults = new ConcurrentHashMap<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();

  private record Model(String commit, Map<String, byte[]> files) {}

  /** A request as it arrived; empty texts for headers that it did not have. */
  record Request(String host, String path, String authorization, String range, String ifRange) {}

  /** What a request meets instead of its answer. */
  interface Fault {
    void answer(HttpExchange exchange, byte[] content) throws IOException;
  }

  public LocalHub() throws IOException {
    hub = serve(this::answer);
    cdn = serve(this::answerLarge);
  }

  private interface Answering {
    void answer(HttpExchange exchange) throws IOException;
  }

  private HttpServer serve(Answering answering) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            requests.add(
                new Request(
                    exchange.getRequestHeaders().getFirst("Host"),
                    exchange.getRequestURI().getRawPath(),
                    header(exchange, "Authorization"),
                    header(exchange, "Range"),
                    header(exchange, "If-Range")));
            answering.answer(exchange);
          }
        });
    server.start();
    return server;
  }

  private static String header(HttpExchange exchange, String name) {
    String value = exchange.getRequestHeaders().getFirst(name);
    return value == null ? "" : value;
  }

  /** The hub's address. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + hub.getAddress().getPort());
  }

  String cdnHost() {
    return "localhost:" + cdn.getAddress().getPort();
  }

  /** Publishes a model, and gives its commit. */
  public String add(String id, Map<String, byte[]> files) {
    String commit = sha1(id.getBytes(StandardCharsets.UTF_8));
    add(id, commit, files);
    return commit;
  }

  /** Publishes a model at a commit. */
  public void add(String id, String commit, Map<String, byte[]> files) {
    models.put(id, new Model(commit, new TreeMap<>(files)));
  }

  /** Publishes a folder as a model, and gives its commit. */
  public String add(String id, Path folder) {
    Map<String, byte[]> files = new TreeMap<>();
    for (String path : new FolderFiles(folder).list()) {
      try {
        files.put(path, Files.readAllBytes(folder.resolve(path)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return add(id, files);
  }

  /** The next requests whose path ends so meet these faults, in order. */
  void fail(String pathEnd, Fault... next) {
    faults.computeIfAbsent(pathEnd, end -> new ArrayDeque<>()).addAll(Arrays.asList(next));
  }

  List<Request> requests() {
    return requests;
  }

  List<Request> requests(String pathEnd) {
    return requests.stream().filter(request -> request.path().endsWith(pathEnd)).toList();
  }

  /** An answer without content. */
  static Fault status(int status, String... headers) {
    return (exchange, content) -> {
      set(exchange, headers);
      exchange.sendResponseHeaders(status, -1);
    };
  }

  /** The first bytes of the content, then the connection ends. */
  static Fault cut(int bytes) {
    return (exchange, content) -> {
      set(exchange, "ETag", etag(content));
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content, 0, bytes);
      exchange.getResponseBody().flush();
    };
  }

  /** Half of the content, then silence. */
  static Fault half(long milliseconds) {
    return (exchange, content) -> {
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content, 0, content.length / 2);
      exchange.getResponseBody().flush();
      sleep(milliseconds);
    };
  }

  /** A byte now and then, as long as anybody listens. */
  static Fault drip(long milliseconds) {
    return (exchange, content) -> {
      exchange.sendResponseHeaders(200, content.length);
      OutputStream out = exchange.getResponseBody();
      for (byte one : content) {
        out.write(one);
        out.flush();
        sleep(milliseconds);
      }
    };
  }

  /** Silence before the answer begins. */
  static Fault silence(long milliseconds) {
    return (exchange, content) -> sleep(milliseconds);
  }

  /** Another content under the same address. */
  static Fault content(byte[] other) {
    return (exchange, content) -> send(exchange, other, etag(other));
  }

  /** The answer to a range that nobody asked for. */
  static Fault range(int from, int to, int of) {
    return (exchange, content) -> {
      set(exchange, "Content-Range", "bytes " + from + "-" + to + "/" + of);
      byte[] part = Arrays.copyOfRange(content, from, Math.min(to + 1, content.length));
      exchange.sendResponseHeaders(206, part.length);
      exchange.getResponseBody().write(part);
    };
  }

  private static void sleep(long milliseconds) throws IOException {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private static void set(HttpExchange exchange, String... headers) {
    for (int i = 0; i < headers.length; i += 2) {
      exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
    }
  }

  private boolean faulty(HttpExchange exchange, byte[] content) throws IOException {
    String path = exchange.getRequestURI().getPath();
    for (Map.Entry<String, Queue<Fault>> entry : faults.entrySet()) {
      if (path.endsWith(entry.getKey())) {
        Fault fault;
        synchronized (entry.getValue()) {
          fault = entry.getValue().poll();
        }
        if (fault != null) {
          fault.answer(exchange, content);
          return true;
        }
      }
    }
    return false;
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (path.equals("/api/models")) {
      sendJson(exchange, models.keySet().stream().map(id -> Map.of("id", id)).toList());
      return;
    }
    String rest = path.startsWith("/api/models/") ? path.substring("/api/models/".length()) : path;
    String[] parts = rest.replaceFirst("^/", "").split("/", 4);
    Model model = parts.length > 2 ? models.get(parts[0] + "/" + parts[1]) : null;
    boolean file = !path.startsWith("/api/");
    if (!file && faulty(exchange, new byte[0])) {
      return;
    }
    if (model == null) {
      status(404, "X-Error-Code", "RepoNotFound").answer(exchange, new byte[0]);
      return;
    }
    switch (parts[2]) {
      case "revision" -> {
        if (parts[3].equals("main") || parts[3].equals(model.commit())) {
          sendJson(exchange, Map.of("sha", model.commit(), "id", parts[0] + "/" + parts[1]));
        } else {
          status(404, "X-Error-Code", "RevisionNotFound").answer(exchange, new byte[0]);
        }
      }
      case "refs" ->
          sendJson(
              exchange,
              Map.of(
                  "branches",
                  List.of(Map.of("name", "main", "targetCommit", model.commit())),
                  "tags",
                  List.of(Map.of("name", "v1.0", "targetCommit", model.commit()))));
      case "tree" -> listing(exchange, model);
      default -> resolve(exchange, model, parts[3].substring(parts[3].indexOf('/') + 1));
    }
  }

  private void listing(HttpExchange exchange, Model model) throws IOException {
    List<Map<String, Object>> entries = new ArrayList<>();
    model.files.forEach((path, content) -> entries.add(entry(path, content)));
    entries.add(Map.of("type", "directory", "path", "onnx", "oid", "0".repeat(40), "size", 0));
    String query = exchange.getRequestURI().getRawQuery();
    int from =
        query.contains("cursor=") ? Integer.parseInt(query.replaceFirst(".*cursor=", "")) : 0;
    int to = Math.min(from + PAGE, entries.size());
    if (to < entries.size()) {
      String page =
          endpoint() + exchange.getRequestURI().getPath() + "?recursive=true&cursor=" + to;
      set(exchange, "Link", "<" + page + ">; rel=\"next\"");
    }
    sendJson(exchange, entries.subList(from, to));
  }

  private static Map<String, Object> entry(String path, byte[] content) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("type", "file");
    entry.put("path", path);
    entry.put("size", content.length);
    entry.put("oid", gitSha1(isLarge(path) ? pointer(content) : content));
    if (isLarge(path)) {
      entry.put(
          "lfs", Map.of("oid", Hashes.sha256(content), "size", content.length, "pointerSize", 134));
    }
    return entry;
  }

  private static byte[] pointer(byte[] content) {
    return ("version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n"
            .formatted(Hashes.sha256(content), content.length))
        .getBytes(StandardCharsets.US_ASCII);
  }

  static boolean isLarge(String path) {
    return path.contains(".onnx");
  }

  private void resolve(HttpExchange exchange, Model model, String path) throws IOException {
    byte[] content = model.files.get(path);
    set(exchange, "X-Repo-Commit", model.commit());
    if (content == null) {
      status(404, "X-Error-Code", "EntryNotFound").answer(exchange, new byte[0]);
    } else if (isLarge(path)) {
      set(exchange, "X-Linked-Etag", "\"" + Hashes.sha256(content) + "\"");
      set(exchange, "X-Linked-Size", String.valueOf(content.length));
      set(
          exchange,
          "Location",
          "http://" + cdnHost() + exchange.getRequestURI().getRawPath() + "?signature=hush");
      exchange.sendResponseHeaders(302, -1);
    } else if (!faulty(exchange, content)) {
      send(exchange, content, "\"" + gitSha1(content) + "\"");
    }
  }

  private void answerLarge(HttpExchange exchange) throws IOException {
    String[] parts = exchange.getRequestURI().getPath().substring(1).split("/", 5);
    Model model = models.get(parts[0] + "/" + parts[1]);
    if (model == null) {
      status(404).answer(exchange, new byte[0]);
      return;
    }
    byte[] content = model.files.get(parts[4]);
    if (!faulty(exchange, content)) {
      send(exchange, content, etag(content));
    }
  }

  static String etag(byte[] content) {
    return "\"cdn-" + Hashes.sha256(content).substring(0, 16) + "\"";
  }

  private static void send(HttpExchange exchange, byte[] content, String etag) throws IOException {
    set(exchange, "ETag", etag);
    String range = header(exchange, "Range");
    String ifRange = header(exchange, "If-Range");
    int from = 0;
    int status = 200;
    if (!range.isEmpty() && (ifRange.isEmpty() || ifRange.equals(etag))) {
      from = Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
      if (from >= content.length) {
        exchange.sendResponseHeaders(416, -1);
        return;
      }
      status = 206;
      set(
          exchange,
          "Content-Range",
          "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
    }
    int length = content.length - from;
    exchange.sendResponseHeaders(status, length == 0 ? -1 : length);
    exchange.getResponseBody().write(content, from, length);
  }

  private static void sendJson(HttpExchange exchange, Object value) throws IOException {
    byte[] bytes = Json.line(value).getBytes(StandardCharsets.UTF_8);
    set(exchange, "Content-Type", "application/json");
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /** Git's id of a content, as {@code git hash-object} gives it. */
  static String gitSha1(byte[] content) {
    byte[] head = ("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII);
    byte[] all = Arrays.copyOf(head, head.length + content.length);
    System.arraycopy(content, 0, all, head.length, content.length);
    return sha1(all);
  }

  private static String sha1(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** All that was asked for, for messages of failed tests. */
  String log() {
    return requests.stream().map(Request::toString).collect(Collectors.joining("\n"));
  }

  @Override
  public void close() {
    hub.stop(0);
    cdn.stop(0);
    threads.shutdownNow();
  }
}
