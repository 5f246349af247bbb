package org.equipoise.core.io;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Where Equipoise keeps its cache and its models. */
public final class Home {
  private Home() {}

  /** {@code EQUIPOISE_HOME}, else the platform's usual place for a program's cache. */
  public static Path path() {
    return path(System.getenv(), System.getProperty("os.name"), System.getProperty("user.home"));
  }

  static Path path(Map<String, String> environment, String system, String userHome) {
    String given = environment.getOrDefault("EQUIPOISE_HOME", "");
    if (!given.isBlank()) {
      return Path.of(given).toAbsolutePath();
    }
    String os = system.toLowerCase(Locale.ROOT);
    if (os.startsWith("windows")) {
      String local = environment.getOrDefault("LOCALAPPDATA", "");
      return (local.isBlank() ? Path.of(userHome, "AppData", "Local") : Path.of(local))
          .resolve("equipoise");
    }
    if (os.contains("mac")) {
      return Path.of(userHome, "Library", "Caches", "equipoise");
    }
    String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
    return (cache.isBlank() ? Path.of(userHome, ".cache") : Path.of(cache)).resolve("equipoise");
  }
}
