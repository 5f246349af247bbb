package org.equipoise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.equipoise.core.Progress;
import org.junit.jupiter.api.Test;

class ProgressLinesTest {
  private static final long SECOND = 1_000_000_000L;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final AtomicLong clock = new AtomicLong();
  private final Progress progress =
      new ProgressLines(new PrintStream(bytes, true, StandardCharsets.UTF_8), clock::get);

  @Test
  void tells_share_rate_and_time_left_every_few_seconds_and_the_whole_at_the_end() {
    try (Progress.Task task = progress.start("encoding posts", 4000)) {
      for (int second = 1; second <= 4; second++) {
        clock.addAndGet(SECOND);
        task.step(500);
      }
    }

    assertThat(lines())
        .containsExactly(
            "encoding posts: 1,500 of 4,000 (37 %), 500/s, 5 s left",
            "encoding posts: 2,000 in 4 s");
  }

  @Test
  void work_of_a_moment_leaves_no_line() {
    try (Progress.Task task = progress.start("reading", 10)) {
      clock.addAndGet(SECOND / 2);
      task.step(10);
    }

    assertThat(lines()).isEmpty();
  }

  @Test
  void an_unknown_total_has_no_share_and_a_note_stands_at_the_end() {
    try (Progress.Task task = progress.start("scoring", -1)) {
      task.note("post 7");
      clock.addAndGet(120 * SECOND);
      task.step(6);
    }

    assertThat(lines())
        .containsExactly("scoring: 6, 0.1/s - post 7", "scoring: 6 in 2 min 00 s - post 7");
  }

  private java.util.List<String> lines() {
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
