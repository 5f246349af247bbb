package org.equipoise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.equipoise.encoders.hub.LocalHub;
import org.equipoise.testing.Folders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that fills up: said in one line, nothing half-written in place, and it goes on later. */
@Tag("slow")
class FullDiskIT {
  @TempDir Path world;
  private Path disk;
  private Path table;

  @BeforeEach
  void mount_a_small_disk() throws Exception {
    Folders.requireProgram("mount", "apt-get install mount");
    disk = Files.createDirectory(world.resolve("disk"));
    Cli.Answer mounted = shell("mount -t tmpfs -o size=64k tmpfs '" + disk + "'");
    Assumptions.assumeTrue(
        mounted.code() == 0, "only root may mount a small disk to fill: " + mounted.err());
    table = SmallPosts.write(world.resolve("posts"), 60, 5);
  }

  @AfterEach
  void unmount() throws Exception {
    shell("umount '" + disk + "'");
  }

  @Test
  void training_says_so_and_goes_on_when_there_is_room() throws Exception {
    Path run = disk.resolve("run");

    assertDiskFull(equipoise(SmallRun.train(table, run, 2)));
    assertThat(run.resolve("checkpoint.safetensors")).doesNotExist();
    enlarge();

    Cli.Answer answer = equipoise(SmallRun.train(table, run, 2));
    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(run.resolve("evaluation.json")).exists();
  }

  @Test
  void encoding_says_so_and_goes_on_when_there_is_room() throws Exception {
    Path features = disk.resolve("features");
    String[] encode = words("encode", features);

    assertDiskFull(equipoise(encode));
    enlarge();

    Cli.Answer answer = equipoise(encode);
    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(features.resolve("manifest.json")).exists();
  }

  @Test
  void importing_leaves_no_half_file() throws Exception {
    Path posts = disk.resolve("posts.jsonl");
    shell("head -c 61440 /dev/zero > '" + disk.resolve("ballast") + "'");

    assertDiskFull(equipoise(words("data import", posts)));
    assertThat(posts).doesNotExist();
    assertThat(disk.resolve("posts.skipped.jsonl")).doesNotExist();
    enlarge();

    assertThat(equipoise(words("data import", posts)).code()).isZero();
  }

  @Test
  void fetching_a_model_says_so_before_it_begins_and_goes_on_when_there_is_room() throws Exception {
    try (LocalHub hub = new LocalHub()) {
      String commit = hub.add("owner/tiny", Map.of("model.onnx", new byte[200_000]));
      Map<String, String> environment =
          Map.of(
              "HF_ENDPOINT", hub.endpoint().toString(),
              "HF_HUB_OFFLINE", "0",
              "EQUIPOISE_HOME", disk.toString());
      String[] pull = {
        BuiltProgram.script().toString(), "models", "pull", "owner/tiny", "--file", "model.onnx"
      };

      Cli.Answer full = BuiltProgram.run(world, environment, pull);
      assertDiskFull(full);
      assertThat(full.err()).contains("200,000 bytes are to be fetched");
      enlarge();

      Cli.Answer answer = BuiltProgram.run(world, environment, pull);
      assertThat(answer.code()).as(answer.err()).isZero();
      assertThat(disk.resolve("models/owner--tiny").resolve(commit).resolve("model.onnx"))
          .hasSize(200_000);
    }
  }

  private String[] words(String command, Path out) {
    List<String> words = new ArrayList<>(List.of(command.split(" ")));
    words.addAll(List.of(SmallPosts.data(table)));
    words.addAll(List.of("--out", out.toString()));
    return words.toArray(String[]::new);
  }

  private void enlarge() throws Exception {
    assertThat(shell("mount -o remount,size=64m '" + disk + "'").code()).isZero();
  }

  private Cli.Answer equipoise(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(BuiltProgram.script().toString()));
    command.addAll(List.of(arguments));
    command.add("--quiet");
    return BuiltProgram.run(world, Map.of(), command.toArray(String[]::new));
  }

  private Cli.Answer shell(String command) throws Exception {
    return BuiltProgram.run(world, Map.of(), "sh", "-c", command);
  }

  private static void assertDiskFull(Cli.Answer answer) {
    assertThat(answer.code()).as(answer.err()).isEqualTo(1);
    assertThat(answer.err()).contains("disk is full").hasLineCount(1);
  }
}
