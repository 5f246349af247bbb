package org.equipoise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.ExecutionException;
import org.equipoise.core.WrongUseException;
import org.junit.jupiter.api.Test;

class FailuresTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Console console =
      new Console(
          new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
          new PrintStream(err, true, StandardCharsets.UTF_8),
          false);

  @Test
  void wrong_use_is_2_and_says_what_it_says_on_one_line() {
    assertThat(report(new WrongUseException("no such\n  thing"))).isEqualTo(2);
    assertThat(said()).isEqualTo("equipoise: no such; thing\n");
  }

  @Test
  void a_full_disk_is_1_and_says_what_to_do_however_deep_it_lies() {
    IOException full = new FileSystemException("/data/x", null, "No space left on device");

    assertThat(report(new ExecutionException(new UncheckedIOException(full)))).isEqualTo(1);
    assertThat(said()).contains("disk is full").contains("/data/x").contains("free some space");
  }

  @Test
  void a_file_that_is_not_there_is_said_in_words() {
    assertThat(report(new NoSuchFileException("/data/posts.csv"))).isEqualTo(1);
    assertThat(said()).contains("/data/posts.csv: there is no such file or folder");
  }

  @Test
  void too_little_memory_says_how_to_give_more() {
    assertThat(report(new OutOfMemoryError("Java heap space"))).isEqualTo(1);
    assertThat(said()).contains("out of memory").contains("JAVA_OPTS=-Xmx");
  }

  @Test
  void what_nobody_foresaw_names_its_kind_and_where_to_see_more() {
    assertThat(report(new IllegalStateException("odd"))).isEqualTo(1);
    assertThat(said()).contains("odd").contains("IllegalStateException").contains("--debug");
    assertThat(report(new NullPointerException())).isEqualTo(1);
  }

  @Test
  void a_stack_trace_is_for_those_who_ask() {
    Failures.report(new IllegalStateException("odd"), console, true);
    assertThat(said()).contains("\tat ");
  }

  @Test
  void the_first_failure_of_an_output_is_remembered_and_a_closed_pipe_known() {
    WatchedOutput full = new WatchedOutput(failing("No space left on device"));
    WatchedOutput closed = new WatchedOutput(failing("Broken pipe"));
    for (WatchedOutput output : new WatchedOutput[] {full, closed}) {
      new PrintStream(output, true, StandardCharsets.UTF_8).println("answer");
    }

    assertThat(full.failure()).get().extracting(Throwable::getMessage).asString().contains("space");
    assertThat(full.closedByReader()).isFalse();
    assertThat(closed.closedByReader()).isTrue();
  }

  private static OutputStream failing(String message) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        throw new IOException(message);
      }
    };
  }

  private int report(Throwable failure) {
    err.reset();
    return Failures.report(failure, console, false);
  }

  private String said() {
    return err.toString(StandardCharsets.UTF_8).replace("\r\n", "\n");
  }
}
