package org.equipoise.core.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.equipoise.core.WrongUseException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkLockTest {
  private static final int REFUSED = 3;

  @TempDir Path folder;

  /** Another process that tries to take the lock. */
  static final class Rival {
    private Rival() {}

    public static void main(String[] arguments) throws IOException {
      try {
        WorkLock.take(Path.of(arguments[0]), "the place").close();
      } catch (WrongUseException e) {
        System.exit(REFUSED);
      }
    }
  }

  @Test
  void a_second_one_in_the_same_process_is_refused_until_the_first_is_closed() throws IOException {
    Path file = folder.resolve(".lock");
    WorkLock first = WorkLock.take(file, "the place");

    assertThatThrownBy(() -> WorkLock.take(file, "the place"))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("the place");
    first.close();
    WorkLock.take(file, "the place").close();
    assertThat(file).doesNotExist();
  }

  @Test
  @Tag("slow")
  void another_process_is_refused_until_the_first_is_closed() throws Exception {
    Path file = folder.resolve(".lock");
    WorkLock first = WorkLock.take(file, "the place");

    assertThat(rival(file)).isEqualTo(REFUSED);
    first.close();
    assertThat(rival(file)).isZero();
  }

  private static int rival(Path file) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Rival.class.getName(),
            file.toString())
        .inheritIO()
        .start()
        .waitFor();
  }
}
