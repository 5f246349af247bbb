package org.equipoise.core.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HomeTest {
  @Test
  void theVariableWins() {
    assertThat(Home.path(Map.of("EQUIPOISE_HOME", "/x/y"), "Linux", "/home/a"))
        .isEqualTo(Path.of("/x/y").toAbsolutePath());
  }

  @Test
  void eachPlatformHasItsPlace() {
    assertThat(Home.path(Map.of(), "Linux", "/home/a"))
        .isEqualTo(Path.of("/home/a/.cache/equipoise"));
    assertThat(Home.path(Map.of("XDG_CACHE_HOME", "/cache"), "Linux", "/home/a"))
        .isEqualTo(Path.of("/cache/equipoise"));
    assertThat(Home.path(Map.of(), "Mac OS X", "/Users/a"))
        .isEqualTo(Path.of("/Users/a/Library/Caches/equipoise"));
    assertThat(Home.path(Map.of("LOCALAPPDATA", "/local"), "Windows 11", "/Users/a"))
        .isEqualTo(Path.of("/local/equipoise"));
  }
}
