package org.equipoise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.equipoise.core.io.Hashes;
import org.equipoise.testing.Folders;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C in the middle: what is finished stays, and the same command ends with the same bytes. */
@Tag("slow")
class InterruptionIT {
  private static final int CTRL_C = 130;
  private static final int EPOCHS = 30;
  private static final int MANY = 1500;
  private static final long PATIENCE_SECONDS = 120;

  @TempDir static Path world;
  private static Path table;
  private static Path longTable;

  /** Something that is there as soon as the work is under way. */
  private interface Sign {
    boolean seen() throws IOException;
  }

  @BeforeAll
  static void write_posts() throws IOException {
    Folders.requireProgram("kill", "apt-get install procps");
    table = SmallPosts.write(world.resolve("posts"), 60, 5);
    longTable = world.resolve("long.csv");
    StringBuilder rows = new StringBuilder("id,body,picture,verdict,topic\n");
    for (int i = 0; i < MANY; i++) {
      rows.append("%d,report number %d of the council,,real,t%n".formatted(i, i * 7919));
    }
    Files.writeString(longTable, rows);
  }

  @Test
  void training_goes_on_and_ends_with_the_bytes_of_an_uninterrupted_run() throws Exception {
    Path whole = world.resolve("whole-run");
    Path stopped = world.resolve("stopped-run");
    finish(SmallRun.train(table, whole, EPOCHS, "--no-evaluate"));
    Path metrics = stopped.resolve("metrics.jsonl");

    interrupt(
        () -> Files.exists(metrics) && Files.readAllLines(metrics).size() >= 2,
        SmallRun.train(table, stopped, EPOCHS, "--no-evaluate"));
    int epochs = Files.readAllLines(metrics).size();
    finish(SmallRun.train(table, stopped, EPOCHS, "--no-evaluate"));

    assertThat(epochs).as("epochs before the interruption").isLessThan(EPOCHS);
    for (String file : List.of("checkpoint.safetensors", "checkpoint.last.safetensors")) {
      assertThat(Hashes.sha256(stopped.resolve(file)))
          .as(file)
          .isEqualTo(Hashes.sha256(whole.resolve(file)));
    }
    assertThat(Files.readAllLines(metrics)).hasSize(EPOCHS);
  }

  @Test
  void encoding_goes_on_and_ends_with_the_bytes_of_an_uninterrupted_store() throws Exception {
    Path whole = world.resolve("whole-features");
    Path stopped = world.resolve("stopped-features");
    finish(onLongTable("encode", "--threads", "1", "--out", whole.toString()));

    interrupt(
        () -> Files.isDirectory(stopped),
        onLongTable("encode", "--threads", "1", "--out", stopped.toString()));
    assertThat(stopped.resolve("manifest.json")).doesNotExist();
    finish(onLongTable("encode", "--threads", "1", "--out", stopped.toString()));

    assertThat(hashes(stopped)).isEqualTo(hashes(whole));
  }

  @Test
  void scoring_goes_on_after_the_last_whole_line() throws Exception {
    Path run = world.resolve("run");
    finish(SmallRun.train(table, run, 1, "--no-evaluate"));
    Path whole = world.resolve("whole.jsonl");
    Path stopped = world.resolve("stopped.jsonl");
    Path partial = world.resolve("stopped.jsonl.partial");
    finish(onLongTable("predict", run.toString(), "--threads", "1", "--out", whole.toString()));

    interrupt(
        () -> Files.exists(partial) && Files.size(partial) > 0,
        onLongTable("predict", run.toString(), "--threads", "1", "--out", stopped.toString()));
    assertThat(stopped).doesNotExist();
    Cli.Answer answer =
        finish(
            onLongTable("predict", run.toString(), "--threads", "1", "--out", stopped.toString()));

    assertThat(answer.out()).doesNotContain(" 0 from before");
    assertThat(Files.readAllLines(whole)).hasSize(MANY);
    assertThat(stopped).hasSameTextualContentAs(whole, StandardCharsets.UTF_8);
  }

  private static String[] onLongTable(String command, String... words) {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(List.of(words));
    all.addAll(List.of(SmallPosts.data(longTable)));
    return all.toArray(String[]::new);
  }

  private static List<String> command(String... arguments) {
    List<String> command = new ArrayList<>(List.of(BuiltProgram.script().toString()));
    command.addAll(List.of(arguments));
    return command;
  }

  private static Cli.Answer finish(String... arguments) throws Exception {
    Cli.Answer answer =
        BuiltProgram.run(world, Map.of(), command(arguments).toArray(String[]::new));
    assertThat(answer.code()).as(answer.err()).isZero();
    return answer;
  }

  private static void interrupt(Sign underWay, String... arguments) throws Exception {
    Path out = world.resolve("interrupted.out");
    Path err = world.resolve("interrupted.err");
    Process process = BuiltProgram.start(world, Map.of(), out, err, command(arguments));
    try {
      long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      while (!underWay.seen()) {
        assertThat(process.isAlive()).as("ended early: " + Files.readString(err)).isTrue();
        assertThat(System.nanoTime()).as("waited for the work to begin").isLessThan(giveUp);
        TimeUnit.MILLISECONDS.sleep(20);
      }
      new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
      assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(err)).isEqualTo(CTRL_C);
    assertThat(Files.readString(err)).contains("the same command goes on").doesNotContain("\tat ");
  }

  private static Map<String, String> hashes(Path folder) throws IOException {
    Map<String, String> hashes = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        hashes.put(folder.relativize(file).toString(), Hashes.sha256(file));
      }
    }
    return hashes;
  }
}
