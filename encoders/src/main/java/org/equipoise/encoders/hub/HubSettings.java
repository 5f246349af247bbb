package org.equipoise.encoders.hub;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.io.Home;
import org.equipoise.core.io.Reasons;

/**
 * Where models are fetched from and kept. The variables are those of Python's {@code
 * huggingface_hub}, with its defaults.
 *
 * @param endpoint the hub's address, {@code HF_ENDPOINT}, without a slash at the end
 * @param token {@code HF_TOKEN}, or what stands in the file that Python's login writes
 * @param offline {@code HF_HUB_OFFLINE}: no connection is ever tried
 * @param models the folder that fetched models are kept in
 * @param pythonCache the folder that Python keeps its models in, {@code HF_HUB_CACHE}; need not be
 *     there
 * @param userHome what {@code ~} stands for
 * @param patience how long the hub is waited for
 */
public record HubSettings(
    URI endpoint,
    Optional<Token> token,
    boolean offline,
    Path models,
    Path pythonCache,
    Path userHome,
    Patience patience) {
  private static final String PUBLIC_HUB = "https://huggingface.co";
  private static final List<String> YES = List.of("1", "ON", "YES", "TRUE");
  private static final Pattern VARIABLE = Pattern.compile("\\$(?:\\{(\\w+)}|(\\w+))");

  /**
   * What this process's environment says.
   *
   * @throws WrongUseException if a variable holds what it cannot hold
   */
  public static HubSettings ofEnvironment() {
    return of(System.getenv(), Home.path(), Path.of(System.getProperty("user.home")));
  }

  /**
   * What an environment says.
   *
   * @param home Equipoise's own folder
   * @throws WrongUseException if a variable holds what it cannot hold
   */
  public static HubSettings of(Map<String, String> environment, Path home, Path userHome) {
    Environment variables = new Environment(environment, userHome);
    Path python =
        variables
            .path("HF_HOME")
            .orElseGet(
                () ->
                    variables
                        .path("XDG_CACHE_HOME")
                        .orElse(userHome.resolve(".cache"))
                        .resolve("huggingface"));
    return new HubSettings(
        endpoint(variables.value("HF_ENDPOINT").orElse(PUBLIC_HUB)),
        token(variables, python),
        variables.says("HF_HUB_OFFLINE") || variables.says("TRANSFORMERS_OFFLINE"),
        home.resolve("models"),
        variables
            .path("HF_HUB_CACHE")
            .or(() -> variables.path("HUGGINGFACE_HUB_CACHE"))
            .orElse(python.resolve("hub")),
        userHome,
        patience(variables));
  }

  /** The same, but nothing is fetched. */
  HubSettings withoutNetwork() {
    return new HubSettings(endpoint, token, true, models, pythonCache, userHome, patience);
  }

  private static URI endpoint(String text) {
    try {
      URI uri = new URI(text.strip().replaceFirst("/+$", ""));
      String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
      if ((scheme.equals("https") || scheme.equals("http"))
          && uri.getHost() != null
          && uri.getRawUserInfo() == null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // told below, without the text: it might hold a password
    }
    throw new WrongUseException(
        "HF_ENDPOINT is not the address of a hub: give one such as "
            + PUBLIC_HUB
            + ", without user name, password or query");
  }

  private static Optional<Token> token(Environment variables, Path python) {
    if (variables.says("HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
      return Optional.empty();
    }
    for (String name : List.of("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")) {
      Optional<Token> token = Token.of(variables.value(name).orElse(""), name);
      if (token.isPresent()) {
        return token;
      }
    }
    Path file = variables.path("HF_TOKEN_PATH").orElse(python.resolve("token"));
    try {
      return Token.of(Files.readString(file), file.toString());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new WrongUseException("cannot read the token in " + file + ": " + Reasons.of(e), e);
    }
  }

  private static Patience patience(Environment variables) {
    String name = "HF_HUB_DOWNLOAD_TIMEOUT";
    Optional<String> seconds = variables.value(name);
    if (seconds.isEmpty()) {
      return Patience.DEFAULT;
    }
    if (!seconds.get().matches("[1-9]\\d{0,5}")) {
      throw new WrongUseException(name + " must be a number of seconds, not " + seconds.get());
    }
    return Patience.DEFAULT.withIdle(Duration.ofSeconds(Long.parseLong(seconds.get())));
  }

  /** Variables as Python reads them: {@code ~} and {@code $NAME} stand for what they do there. */
  private record Environment(Map<String, String> variables, Path userHome) {
    Optional<String> value(String name) {
      return Optional.ofNullable(variables.get(name)).map(String::strip).filter(v -> !v.isEmpty());
    }

    boolean says(String name) {
      return value(name).map(v -> YES.contains(v.toUpperCase(Locale.ROOT))).orElse(false);
    }

    Optional<Path> path(String name) {
      return value(name)
          .map(
              text ->
                  VARIABLE
                      .matcher(text)
                      .replaceAll(
                          found -> {
                            String inner = found.group(1) != null ? found.group(1) : found.group(2);
                            return Matcher.quoteReplacement(
                                variables.getOrDefault(inner, found.group()));
                          }))
          .map(text -> expand(text, userHome));
    }
  }

  /** A path in which {@code ~} stands for the user's own folder. */
  static Path expand(String text, Path userHome) {
    if (text.equals("~")) {
      return userHome;
    }
    return text.startsWith("~/") || text.startsWith("~\\")
        ? userHome.resolve(text.substring(2))
        : Path.of(text);
  }
}
