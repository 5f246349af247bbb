package org.equipoise.encoders;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.equipoise.core.Form;
import org.equipoise.core.Progress;
import org.equipoise.core.features.FeatureBatch;
import org.equipoise.core.safetensors.DType;
import org.equipoise.testing.Folders;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("slow")
class PythonReadsTheStoreTest {
  private static final String REMEDY = "pip install numpy safetensors";

  /** As docs/python.md shows it, with sums that the test can compare. */
  private static final String SCRIPT =
      """
      import json, pathlib, sys
      import numpy
      from safetensors.numpy import load_file

      store = pathlib.Path(sys.argv[1])
      manifest = json.loads((store / "manifest.json").read_text(encoding="utf-8"))
      shards = [load_file(store / shard["file"]) for shard in manifest["shards"]]
      print(len(manifest["ids"]), sum(len(s["mask.text_pattern"]) for s in shards))
      for view in manifest["views"]:
          name = view["name"]
          total = sum(s[name].astype("float64").sum() for s in shards)
          tokens = sum(int(s["mask." + name].sum()) for s in shards)
          print(name, shards[0][name].dtype, shards[0][name].shape[2], total, tokens)
      """;

  @TempDir Path folder;

  private static Path python;

  @BeforeAll
  static void needsPython() throws IOException, InterruptedException {
    python = Folders.requireProgram("python3", "apt-get install python3");
    ProcessBuilder probe =
        new ProcessBuilder(python.toString(), "-c", "import numpy, safetensors")
            .redirectErrorStream(true);
    Process process = probe.start();
    process.getInputStream().readAllBytes();
    if (process.waitFor() != 0) {
      if ("true".equals(System.getenv("CI"))) {
        Assertions.fail(REMEDY);
      }
      Assumptions.abort(REMEDY);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16"})
  void python_reads_what_java_wrote(DType type) throws IOException, InterruptedException {
    Path folder = this.folder.resolve("store");
    new EncodeJob(
            (threads, each) -> SmallWorld.extractor(Form.TOKENS),
            new EncodeJob.Options(type, 1, 30, 1 << 20))
        .run(SmallWorld.posts(100), 100, "", folder, Progress.NONE);
    FeatureStore store = FeatureStore.open(folder);
    StringBuilder expected = new StringBuilder(store.size() + " " + store.size() + "\n");
    int[] rows = java.util.stream.IntStream.range(0, store.size()).toArray();
    for (FeatureBatch.ViewBatch view : store.batch(rows).views()) {
      double total = 0;
      for (float value : view.values()) {
        total += value;
      }
      int tokens = 0;
      for (float present : view.mask()) {
        tokens += (int) present;
      }
      expected.append(
          "%s %s %d %s %d\n"
              .formatted(
                  view.view().name(),
                  StoreManifest.dtypeName(type),
                  view.view().width(),
                  total,
                  tokens));
    }
    ProcessBuilder builder =
        new ProcessBuilder(python.toString(), "-c", SCRIPT, folder.toString())
            .redirectErrorStream(true);
    assertThat(ChildProcess.output(builder)).isEqualTo(expected.toString());
  }
}
