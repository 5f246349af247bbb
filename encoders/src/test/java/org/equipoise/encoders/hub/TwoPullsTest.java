package org.equipoise.encoders.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.equipoise.core.Progress;
import org.equipoise.core.io.Home;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several calls that fetch the same model at once, and one that is killed. */
@Tag("slow")
class TwoPullsTest {
  private static final String ID = "owner/tiny";

  @TempDir Path world;

  /** Fetches all files, in a process of its own. */
  static final class Pull {
    public static void main(String[] arguments) {
      Models.ofEnvironment().pull(ID, "main", ModelFiles::list, Progress.NONE);
      System.out.println("whole in " + Home.path());
    }
  }

  private Process start(LocalHub hub) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Pull.class.getName())
            .redirectErrorStream(true);
    builder.environment().put("HF_ENDPOINT", hub.endpoint().toString());
    builder.environment().put("HF_HUB_OFFLINE", "0");
    builder.environment().put("HF_HOME", world.resolve("python").toString());
    builder.environment().put("EQUIPOISE_HOME", world.resolve("home").toString());
    return builder.start();
  }

  private static Map<String, byte[]> files() {
    byte[] graph = new byte[2_000_000];
    new Random(1).nextBytes(graph);
    return Map.of("config.json", "{}".getBytes(), "onnx/model.onnx", graph);
  }

  @Test
  void two_processes_fetch_each_file_once_and_both_find_it_whole() throws Exception {
    try (LocalHub hub = new LocalHub()) {
      String commit = hub.add(ID, files());
      List<Process> processes = List.of(start(hub), start(hub));
      for (Process process : processes) {
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isZero();
      }

      for (Map.Entry<String, byte[]> file : files().entrySet()) {
        assertThat(world.resolve("home/models/owner--tiny").resolve(commit).resolve(file.getKey()))
            .hasBinaryContent(file.getValue());
      }
      assertThat(hub.requests("model.onnx"))
          .as("asked of the hub, then of the host that it redirects to")
          .hasSize(2);
    }
  }

  @Test
  void a_killed_process_leaves_no_half_file_and_the_next_goes_on() throws Exception {
    try (LocalHub hub = new LocalHub()) {
      String commit = hub.add(ID, files());
      hub.fail("model.onnx", LocalHub.half(60_000));
      Process killed = start(hub);
      Path model = world.resolve("home/models/owner--tiny");
      while (sizeOfPartial(model) < 1_000_000) {
        assertThat(killed.isAlive()).isTrue();
        Thread.sleep(10);
      }
      killed.destroyForcibly().waitFor();
      assertThat(model.resolve(commit).resolve("onnx/model.onnx")).doesNotExist();

      Process next = start(hub);
      String output = new String(next.getInputStream().readAllBytes());

      assertThat(next.waitFor()).as(output).isZero();
      assertThat(model.resolve(commit).resolve("onnx/model.onnx"))
          .hasBinaryContent(files().get("onnx/model.onnx"));
      assertThat(hub.requests()).extracting(LocalHub.Request::range).contains("bytes=1000000-");
    }
  }

  private static long sizeOfPartial(Path model) throws IOException {
    Path folder = model.resolve("partial");
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (var files = Files.list(folder)) {
      long most = 0;
      for (Path file : files.filter(path -> path.toString().endsWith(".partial")).toList()) {
        most = Math.max(most, Files.size(file));
      }
      return most;
    }
  }

  @Test
  void threads_of_one_process_do_not_hurt_each_other_either() throws Exception {
    try (LocalHub hub = new LocalHub()) {
      hub.add(ID, files());
      ExecutorService threads = Executors.newFixedThreadPool(6);
      List<Callable<ModelFiles>> pulls = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        Models models =
            new Models(
                HubSettings.of(
                    Map.of("HF_ENDPOINT", hub.endpoint().toString()),
                    world.resolve("home"),
                    world));
        pulls.add(() -> models.pull(ID, "main", ModelFiles::list, Progress.NONE));
      }
      for (Future<ModelFiles> pull : threads.invokeAll(pulls)) {
        assertThat(pull.get().get("onnx/model.onnx"))
            .hasBinaryContent(files().get("onnx/model.onnx"));
      }
      threads.shutdown();
      assertThat(hub.requests("model.onnx")).hasSize(2);
    }
  }
}
