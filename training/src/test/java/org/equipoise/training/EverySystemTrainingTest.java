package org.equipoise.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.equipoise.core.Form;
import org.equipoise.core.Progress;
import org.equipoise.core.config.Settings;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.core.features.FeatureBatch;
import org.equipoise.core.features.FeatureSpec;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemFactory;
import org.equipoise.systems.Systems;
import org.equipoise.systems.engine.Engines;
import org.equipoise.training.balance.Balancer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every registered system is trained as its authors do, stored, gone on with and loaded. */
@Tag("slow")
class EverySystemTrainingTest {
  private static final LabelledPosts TRAINING = PseudoEvents.of(ArrayFeatures.posts(33, 1), 3, 1);
  private static final LabelledPosts VALIDATION = ArrayFeatures.posts(16, 2);

  @TempDir Path folder;

  @BeforeAll
  static void startEngine() {
    Engines.start(1);
  }

  static Stream<String> names() {
    return Systems.all().stream().map(SystemFactory::name);
  }

  private static Checkpoint.Run run(String system) {
    Settings settings =
        Configuration.defaults(Configuration.schema().defaults(), Systems.find(system));
    for (String override :
        List.of(
            "training.epochs=2",
            "training.batch_size=16",
            "bmlhf.width=16",
            "bmlhf.feed_forward=16",
            "bmlhf.layers=1")) {
      settings = Configuration.schema().override(settings, override);
    }
    List<EncoderInfo> encoders =
        ArrayFeatures.VIEWS.stream()
            .map(view -> new EncoderInfo(view, 1, "made", "0", Map.of()))
            .toList();
    return new Checkpoint.Run(
        system,
        List.of("fake", "real"),
        TRAINING.eventCount(),
        new FeatureSpec(Form.POOLED, encoders, Map.of()),
        settings.toYaml(),
        1);
  }

  private static void train(Path folder, Checkpoint.Run run, LabelledPosts training)
      throws IOException {
    try (Balancer balancer = run.balancer();
        DetectionSystem system = run.build(balancer, Device.cpu())) {
      new Trainer(system, balancer, TrainingSettings.of(run.settings()), run, folder, Progress.NONE)
          .train(training, VALIDATION);
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void goingOnGivesTheSameBytesAndLoadingTheSameVerdicts(String name) throws IOException {
    Path whole = Files.createDirectory(folder.resolve("whole"));
    Path broken = Files.createDirectory(folder.resolve("broken"));
    Checkpoint.Run run = run(name);
    train(whole, run, TRAINING);
    LabelledPosts failing =
        new LabelledPosts(
            new Changed(TRAINING.features(), Changed.pullingThePlugAfter(3)),
            TRAINING.labels(),
            TRAINING.events());
    assertThatThrownBy(() -> train(broken, run, failing)).isInstanceOf(CancellationException.class);
    train(broken, run, TRAINING);
    assertThat(broken.resolve(Trainer.LAST)).hasSameBinaryContentAs(whole.resolve(Trainer.LAST));

    FeatureBatch batch = VALIDATION.features().batch(new int[] {0, 1, 2});
    try (Detector detector = Detector.load(whole, Trainer.LAST, 1);
        Balancer balancer = run.balancer();
        DetectionSystem system = run.build(balancer, Device.cpu());
        NDManager manager = NDManager.newBaseManager()) {
      Checkpoint.read(broken.resolve(Trainer.LAST)).restore(system);
      List<Scored> expected = new Scorer(system, manager).score(batch);
      List<Scored> actual = detector.scorer().score(batch);
      for (int i = 0; i < expected.size(); i++) {
        assertThat(actual.get(i).probabilities()).isEqualTo(expected.get(i).probabilities());
      }
    }
  }
}
