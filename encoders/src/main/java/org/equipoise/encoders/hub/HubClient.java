package org.equipoise.encoders.hub;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.io.Json;

/**
 * HTTP as a hub needs it. Redirects are followed here rather than by the client, so that the token
 * goes to the hub's own scheme, host and port alone. What may go well later is tried again.
 */
final class HubClient {
  private static final int MOST_REDIRECTS = 10;
  private static final int MOST_JSON_BYTES = 64 << 20;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final String BUFFER_SIZE = "jdk.httpclient.bufsize";

  private static final Pattern RESET = Pattern.compile(";\\s*t=(\\d{1,9})\\b");

  private final HubSettings settings;

  /** Made when first needed: a client that is never used opens nothing. */
  private HttpClient http;

  HubClient(HubSettings settings) {
    this.settings = settings;
  }

  /**
   * What a hub, or a host that it sent us to, answered.
   *
   * @param uri who answered in the end
   * @param own whether that was the hub itself
   */
  record Answer(int status, URI uri, boolean own, HttpHeaders headers, WatchedBody body)
      implements AutoCloseable {
    String header(String name) {
      return headers.firstValue(name).orElse("");
    }

    @Override
    public void close() throws IOException {
      body.close();
    }
  }

  /** One attempt at something. */
  interface Attempt<T> {
    T run() throws TransientFailure;
  }

  /**
   * Tries until it goes well.
   *
   * @param what was tried, for the message
   * @param then what the message ends in
   * @throws UncheckedIOException if it has failed too often in a row without any progress
   */
  <T> T retry(String what, String then, Attempt<T> attempt) {
    int failures = 0;
    while (true) {
      try {
        return attempt.run();
      } catch (TransientFailure e) {
        failures = e.progress() ? 1 : failures + e.weight();
        Patience patience = settings.patience();
        boolean tooLong =
            e.asked().filter(time -> time.compareTo(patience.longestAsked()) > 0).isPresent();
        if (failures >= patience.attempts() || tooLong) {
          throw new UncheckedIOException(
              new IOException("%s failed: %s%s".formatted(what, e.getMessage(), then), e));
        }
        pause(failures, e.asked());
      }
    }
  }

  /** Doubled for each failure, half of it by chance, so that many callers do not come at once. */
  private void pause(int failures, Optional<Duration> asked) {
    Patience patience = settings.patience();
    long first = patience.firstPause().toMillis();
    long most = Math.min(first << Math.min(failures - 1, 20), patience.longestPause().toMillis());
    long pause = most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1);
    try {
      Thread.sleep(Math.max(pause, asked.map(Duration::toMillis).orElse(0L)));
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private static UncheckedIOException interrupted() {
    Thread.currentThread().interrupt();
    return new UncheckedIOException(new InterruptedIOException("fetching was stopped"));
  }

  /**
   * Asks, and follows where the answer sends.
   *
   * @return any final answer but those that are worth another attempt; to be closed
   * @throws TransientFailure if another attempt may do
   * @throws UncheckedIOException if there is no way to the hub
   */
  Answer get(URI from, Map<String, String> headers) throws TransientFailure {
    URI uri = from;
    for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      Answer answer = exchange(uri, headers);
      if (!isRedirect(answer.status())) {
        return checked(answer);
      }
      close(answer);
      uri = target(uri, answer.header("Location"));
    }
    throw failure("the hub redirects in a circle: " + shown(from), null);
  }

  private Answer exchange(URI uri, Map<String, String> headers) throws TransientFailure {
    if (settings.offline()) {
      throw new IllegalStateException("no connection may be tried offline");
    }
    boolean own = isOwn(uri);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(settings.patience().idle())
            .header("User-Agent", "equipoise")
            .header("Accept-Encoding", "identity");
    headers.forEach(request::header);
    if (own) {
      settings.token().ifPresent(token -> request.header("Authorization", token.authorization()));
    }
    try {
      HttpResponse<InputStream> response =
          http().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      return new Answer(
          response.statusCode(),
          uri,
          own,
          response.headers(),
          new WatchedBody(response.body(), settings.patience()));
    } catch (SSLException e) {
      throw failure(
          "no trusted connection to "
              + host(uri)
              + " ("
              + e.getMessage()
              + "): if a proxy of your house signs connections anew, give Java its certificate, such"
              + " as JAVA_OPTS=-Djavax.net.ssl.trustStore=FILE",
          e);
    } catch (ConnectException e) {
      throw TransientFailure.unreachable(noWay(uri, reason(e)), e);
    } catch (IOException e) {
      throw new TransientFailure(noWay(uri, reason(e)), e);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private synchronized HttpClient http() {
    if (http == null) {
      // with the client's own 16 KiB a fetch takes nearly twice the processor's time
      if (System.getProperty(BUFFER_SIZE) == null) {
        System.setProperty(BUFFER_SIZE, "262144");
      }
      http =
          HttpClient.newBuilder()
              // files come side by side, each over a connection of its own
              .version(HttpClient.Version.HTTP_1_1)
              .followRedirects(HttpClient.Redirect.NEVER)
              .connectTimeout(settings.patience().connect())
              .build();
    }
    return http;
  }

  private static String reason(IOException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnresolvedAddressException) {
        return "its name is not known";
      }
    }
    return failure.getMessage() == null ? "it takes no connection" : failure.getMessage();
  }

  private static String noWay(URI uri, String reason) {
    return "no answer from "
        + host(uri)
        + " ("
        + reason
        + "): look at the network and the proxy (JAVA_OPTS=-Dhttps.proxyHost=... -Dhttps.proxyPort=...), name"
        + " another hub by HF_ENDPOINT, or set HF_HUB_OFFLINE=1 to use only what is on this machine";
  }

  private Answer checked(Answer answer) throws TransientFailure {
    int status = answer.status();
    // a host that the hub sends to is given a signed address that may have run out
    boolean signedAddress = !answer.own() && (status == 401 || status == 403);
    if (status != TOO_MANY_REQUESTS && status != 408 && status < 500 && !signedAddress) {
      return answer;
    }
    Optional<Duration> asked =
        retryAfter(answer.header("Retry-After"), Instant.now())
            .or(
                () ->
                    status == TOO_MANY_REQUESTS
                        ? untilReset(answer.header("RateLimit"))
                        : Optional.empty());
    close(answer);
    throw new TransientFailure(
        "%s answered %d%s"
            .formatted(
                host(answer.uri()),
                status,
                asked.map(time -> " and asks to wait " + time.toSeconds() + " s").orElse("")),
        asked);
  }

  /** Seconds, or a date of HTTP; empty for what is neither. */
  static Optional<Duration> retryAfter(String value, Instant now) {
    if (value.matches("\\d{1,9}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
    }
    try {
      Instant date = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration time = Duration.between(now, date);
      return Optional.of(time.isNegative() ? Duration.ZERO : time);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** Seconds until a quota is renewed, such as {@code "api";r=0;t=55}. */
  static Optional<Duration> untilReset(String value) {
    Matcher reset = RESET.matcher(value);
    return reset.find()
        ? Optional.of(Duration.ofSeconds(Long.parseLong(reset.group(1))))
        : Optional.empty();
  }

  private static boolean isRedirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }

  static URI target(URI from, String location) {
    URI to;
    try {
      to = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw failure(host(from) + " redirects to what is no address", null);
    }
    String scheme = String.valueOf(to.getScheme()).toLowerCase(Locale.ROOT);
    boolean secure = scheme.equals("https");
    if (to.getHost() == null || location.isEmpty() || !(secure || scheme.equals("http"))) {
      throw failure(host(from) + " redirects to what is no address", null);
    }
    if (!secure && from.getScheme().equalsIgnoreCase("https")) {
      throw failure(
          host(from) + " redirects to " + host(to) + " without encryption, which is refused", null);
    }
    return to;
  }

  private boolean isOwn(URI uri) {
    URI own = settings.endpoint();
    return own.getScheme().equalsIgnoreCase(uri.getScheme())
        && own.getHost().equalsIgnoreCase(uri.getHost())
        && port(own) == port(uri);
  }

  private static int port(URI uri) {
    return uri.getPort() >= 0
        ? uri.getPort()
        : uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
  }

  /** An address for messages: without the query, which may hold a signature. */
  static String shown(URI uri) {
    return host(uri) + uri.getRawPath();
  }

  private static String host(URI uri) {
    return uri.getScheme()
        + "://"
        + uri.getHost()
        + (uri.getPort() >= 0 ? ":" + uri.getPort() : "");
  }

  private static UncheckedIOException failure(String message, IOException cause) {
    return new UncheckedIOException(new IOException(message, cause));
  }

  /**
   * The body of an answer as JSON.
   *
   * @throws TransientFailure if it breaks off
   * @throws WrongUseException if it is not JSON: the address is not a hub's
   */
  JsonNode json(Answer answer) throws TransientFailure {
    byte[] bytes;
    try {
      bytes = answer.body().readNBytes(MOST_JSON_BYTES);
    } catch (TransientFailure e) {
      throw e;
    } catch (IOException e) {
      throw new TransientFailure(e.getMessage(), e);
    }
    try {
      return Json.MAPPER.readTree(bytes);
    } catch (JacksonException e) {
      throw notAHub(answer.uri(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static WrongUseException notAHub(URI uri, Exception cause) {
    return new WrongUseException(
        shown(uri) + " does not answer as a hub does: is HF_ENDPOINT the address of one?", cause);
  }

  static void close(Answer answer) {
    try {
      answer.close();
    } catch (IOException e) {
      // nothing of it is wanted
    }
  }
}
