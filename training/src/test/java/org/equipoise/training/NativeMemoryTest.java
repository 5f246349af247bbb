package org.equipoise.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.equipoise.core.Form;
import org.equipoise.core.Progress;
import org.equipoise.core.config.Settings;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.core.features.FeatureSpec;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.Systems;
import org.equipoise.systems.engine.Engines;
import org.equipoise.training.balance.Balancers;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An epoch returns native memory to where it was. */
@Tag("slow")
class NativeMemoryTest {
  private static final Path SMAPS = Path.of("/proc/self/smaps");
  private static final Pattern MAPPING = Pattern.compile("([0-9a-f]+)-[0-9a-f]+ ");
  private static final long NATIVE_FROM = 1L << 40;

  /** One epoch's activations would fill many times this if they were kept. */
  private static final long TOLERATED_KIB = 64 * 1024;

  @TempDir Path folder;

  @Test
  void laterEpochsNeedNoMoreThanTheFirst() throws IOException {
    Assumptions.assumeTrue(Files.exists(SMAPS), "needs a Linux /proc to read resident memory");
    Engines.start(1);
    Settings settings = Configuration.schema().defaults();
    for (String override :
        List.of(
            "bmlhf.width=64",
            "bmlhf.layers=2",
            "bmlhf.feed_forward=256",
            "training.patience=1000",
            "training.epochs=3")) {
      settings = Configuration.schema().override(settings, override);
    }
    LabelledPosts posts = ArrayFeatures.posts(64 * 10, 1);
    try (DetectionSystem system =
        Systems.find("BMLHF")
            .create(new SystemContext(ArrayFeatures.VIEWS, 2, settings, 1, Device.cpu()))) {
      train(system, settings, posts);
      int arrays = arrays(system);
      long before = nativeKib();
      train(system, Configuration.schema().override(settings, "training.epochs=15"), posts);
      assertThat(arrays(system)).isEqualTo(arrays);
      assertThat(nativeKib() - before).isLessThan(TOLERATED_KIB);
    }
  }

  private void train(DetectionSystem system, Settings settings, LabelledPosts posts)
      throws IOException {
    List<EncoderInfo> encoders =
        ArrayFeatures.VIEWS.stream()
            .map(view -> new EncoderInfo(view, 1, "made", "0", Map.of()))
            .toList();
    Checkpoint.Run run =
        new Checkpoint.Run(
            "BMLHF",
            List.of("fake", "real"),
            new FeatureSpec(Form.POOLED, encoders, Map.of()),
            settings.toYaml(),
            1);
    new Trainer(
            system,
            Balancers.create("mib", settings),
            TrainingSettings.of(settings),
            run,
            Files.createTempDirectory(folder, "run"),
            Progress.NONE)
        .train(posts, ArrayFeatures.posts(128, 2));
  }

  private static int arrays(DetectionSystem system) {
    NDArray any = system.parameters().values().iterator().next();
    return any.getManager().getManagedArrays().size();
  }

  /**
   * Resident memory outside Java's heap and classes, which lie below {@link #NATIVE_FROM} on a
   * 64-bit JVM with compressed references. The heap's size alone does not tell how much of it is
   * resident.
   */
  private static long nativeKib() throws IOException {
    System.gc();
    long sum = 0;
    boolean counted = false;
    for (String line : Files.readAllLines(SMAPS)) {
      Matcher mapping = MAPPING.matcher(line);
      if (mapping.lookingAt()) {
        counted = Long.parseUnsignedLong(mapping.group(1), 16) >= NATIVE_FROM;
      } else if (counted && line.startsWith("Rss:")) {
        sum += Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    return sum;
  }
}
