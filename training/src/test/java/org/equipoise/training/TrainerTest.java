package org.equipoise.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.equipoise.core.Form;
import org.equipoise.core.Progress;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Settings;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.core.features.FeatureSource;
import org.equipoise.core.features.FeatureSpec;
import org.equipoise.core.features.SelectedFeatures;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.engine.Engines;
import org.equipoise.training.balance.Balancer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerTest {
  private static final LabelledPosts TRAINING = ArrayFeatures.posts(192, 1);
  private static final LabelledPosts VALIDATION = ArrayFeatures.posts(96, 2);

  @TempDir Path folder;

  @BeforeAll
  static void startEngine() {
    Engines.start(1);
  }

  private static Settings settings(String... overrides) {
    Settings settings = Configuration.schema().defaults();
    for (String override :
        List.of(
            "bmlhf.width=16",
            "bmlhf.heads=2",
            "bmlhf.feed_forward=32",
            "bmlhf.layers=1",
            "bmlhf.attention=8",
            "training.epochs=4",
            "training.batch_size=32",
            "training.modality_dropout=0.1")) {
      settings = Configuration.schema().override(settings, override);
    }
    for (String override : overrides) {
      settings = Configuration.schema().override(settings, override);
    }
    return settings;
  }

  private static Checkpoint.Run run(Settings settings) {
    List<EncoderInfo> encoders =
        ArrayFeatures.VIEWS.stream()
            .map(view -> new EncoderInfo(view, 1, "made/" + view.name(), "0", Map.of()))
            .toList();
    return new Checkpoint.Run(
        "BMLHF",
        List.of("fake", "real"),
        new FeatureSpec(Form.POOLED, encoders, Map.of()),
        settings.toYaml(),
        1);
  }

  private static Checkpoint.State train(Path folder, Settings settings, LabelledPosts training)
      throws IOException {
    Checkpoint.Run run = run(settings);
    try (Balancer balancer = run.balancer();
        DetectionSystem system = run.build(balancer, Device.cpu())) {
      return new Trainer(
              system, balancer, TrainingSettings.of(settings), run, folder, Progress.NONE)
          .train(training, VALIDATION);
    }
  }

  @Test
  void learnsARuleThatNeedsBothModalities() throws IOException {
    Checkpoint.State state = train(folder, settings("training.epochs=25"), TRAINING);
    assertThat(state.finished()).isTrue();
    assertThat(state.bestScore()).isGreaterThan(0.9);
    assertThat(Files.readAllLines(folder.resolve(Trainer.METRICS))).hasSize(state.epoch());
  }

  @Test
  void anInterruptedRunEndsWithTheSameBytesAsAnUninterruptedOne() throws IOException {
    Path whole = Files.createDirectory(folder.resolve("whole"));
    Path broken = Files.createDirectory(folder.resolve("broken"));
    train(whole, settings(), TRAINING);
    for (int batches : new int[] {3, 8, 7}) {
      LabelledPosts failing =
          new LabelledPosts(
              new Changed(TRAINING.features(), Changed.pullingThePlugAfter(batches)),
              TRAINING.labels());
      assertThatThrownBy(() -> train(broken, settings(), failing))
          .isInstanceOf(CancellationException.class);
    }
    train(broken, settings(), TRAINING);
    assertThat(broken.resolve(Trainer.BEST)).hasSameBinaryContentAs(whole.resolve(Trainer.BEST));
    assertThat(broken.resolve(Trainer.LAST)).hasSameBinaryContentAs(whole.resolve(Trainer.LAST));
    assertThat(Files.readAllLines(broken.resolve(Trainer.METRICS))).hasSize(4);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "training.optimizer=amsgrad",
        "training.optimizer=adamw training.schedule=linear-warmup",
        "training.optimizer=sgd training.learning_rate=0.05 training.schedule=step training.decay_epochs=2",
        "training.schedule=plateau training.decay_epochs=1 training.clip_norm=0.5",
        "training.schedule=cosine training.accumulate=4"
      })
  void everyWayOfTrainingIsGoneOnWithByTheByte(String overrides) throws IOException {
    Settings settings = settings(overrides.split(" "));
    Path whole = Files.createDirectory(folder.resolve("whole"));
    Path broken = Files.createDirectory(folder.resolve("broken"));
    train(whole, settings, TRAINING);
    LabelledPosts failing =
        new LabelledPosts(
            new Changed(TRAINING.features(), Changed.pullingThePlugAfter(15)), TRAINING.labels());
    assertThatThrownBy(() -> train(broken, settings, failing))
        .isInstanceOf(CancellationException.class);
    train(broken, settings, TRAINING);
    assertThat(broken.resolve(Trainer.LAST)).hasSameBinaryContentAs(whole.resolve(Trainer.LAST));
  }

  @Test
  void aStepOverSeveralBatchesCountsOnce() throws IOException {
    Checkpoint.State state =
        train(folder, settings("training.epochs=2", "training.accumulate=4"), TRAINING);
    // six batches an epoch: one step after the fourth, one at the end
    assertThat(state.steps()).isEqualTo(4);
  }

  @Test
  void aBalancerThatRewritesGradientsNeedsAStepForEachBatch() {
    assertThatThrownBy(
            () -> train(folder, settings("training.accumulate=2", "balancer=ogm-ge"), TRAINING))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("ogm-ge")
        .hasMessageContaining("training.accumulate");
  }

  @Test
  void anotherSeedGivesOtherWeights() throws IOException {
    Path first = Files.createDirectory(folder.resolve("first"));
    Path second = Files.createDirectory(folder.resolve("second"));
    train(first, settings("training.epochs=1"), TRAINING);
    train(second, settings("training.epochs=1", "training.seed=2"), TRAINING);
    assertThat(Checkpoint.read(first.resolve(Trainer.BEST)).state().bestScore())
        .isNotEqualTo(Checkpoint.read(second.resolve(Trainer.BEST)).state().bestScore());
  }

  @Test
  void stopsWhenValidationNoLongerImproves() throws IOException {
    Checkpoint.State state =
        train(folder, settings("training.epochs=60", "training.patience=2"), TRAINING);
    assertThat(state.finished()).isTrue();
    assertThat(state.epoch()).isLessThan(60).isEqualTo(state.bestEpoch() + 2);
  }

  @Test
  void aLossThatIsNoNumberEndsTrainingWithTheRemedyAndKeepsFinishedEpochs() throws IOException {
    train(folder, settings("training.epochs=1"), TRAINING);
    FeatureSource poisoned =
        new Changed(
            TRAINING.features(),
            batch -> {
              batch.views().get(0).values()[0] = Float.NaN;
              return batch;
            });
    Files.delete(folder.resolve(Trainer.LAST));
    assertThatThrownBy(
            () -> train(folder, settings(), new LabelledPosts(poisoned, TRAINING.labels())))
        .isInstanceOf(DivergedException.class)
        .hasMessageContaining("epoch 1")
        .hasMessageContaining("training.learning_rate");
    assertThat(Checkpoint.read(folder.resolve(Trainer.BEST)).state().epoch()).isEqualTo(1);
  }

  @Test
  void aSelectionCannotReachOtherPosts() {
    FeatureSource selected =
        new SelectedFeatures(TRAINING.features(), new int[] {5, 3}, ArrayFeatures.VIEWS);
    assertThat(selected.size()).isEqualTo(2);
    assertThat(selected.id(0)).isEqualTo("post-5");
    assertThatThrownBy(() -> selected.batch(new int[] {2}))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void aDamagedCheckpointIsRefusedByName() throws IOException {
    train(folder, settings("training.epochs=1"), TRAINING);
    Path best = folder.resolve(Trainer.BEST);
    long size = Files.size(best);
    try (RandomAccessFile file = new RandomAccessFile(best.toFile(), "rw")) {
      file.seek(size - 100);
      int old = file.read();
      file.seek(size - 100);
      file.write(old ^ 1);
    }
    assertThatThrownBy(() -> Checkpoint.read(best))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining(best.toString())
        .hasMessageContaining("damaged");
    try (RandomAccessFile file = new RandomAccessFile(best.toFile(), "rw")) {
      file.setLength(size - 100);
    }
    assertThatThrownBy(() -> Checkpoint.read(best))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("cut short");
  }
}
