package org.equipoise.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.equipoise.core.Form;
import org.equipoise.core.Progress;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Settings;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.core.features.FeatureBatch;
import org.equipoise.core.features.FeatureSpec;
import org.equipoise.core.io.Json;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.engine.Engines;
import org.equipoise.training.balance.Balancer;
import org.equipoise.training.balance.Balancers;
import org.equipoise.training.balance.Mib;
import org.equipoise.training.balance.Unbalanced;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every registered balancer, with two systems of different kinds. */
@Tag("slow")
class EveryBalancerTest {
  private static final List<String> SYSTEMS = List.of("BMLHF", "EANN");
  private static final List<View> VIEWS = ArrayFeatures.VIEWS;

  /** 65 posts: the last batch of 16 holds one. */
  private static final LabelledPosts TRAINING = ArrayFeatures.posts(65, 1);

  private static final LabelledPosts VALIDATION = ArrayFeatures.posts(32, 2);

  @TempDir Path folder;

  private record Pair(String system, String balancer) {
    @Override
    public String toString() {
      return system + " with " + balancer;
    }
  }

  @BeforeAll
  static void startEngine() {
    Engines.start(1);
  }

  static Stream<Pair> pairs() {
    return SYSTEMS.stream()
        .flatMap(system -> Balancers.names().stream().map(name -> new Pair(system, name)));
  }

  static Stream<String> comparing() {
    return Balancers.names().stream()
        .filter(name -> !List.of(Unbalanced.NAME, Mib.NAME).contains(name));
  }

  private static Checkpoint.Run run(Pair pair, List<View> views, String... overrides) {
    Settings settings = Configuration.schema().defaults();
    for (String override :
        List.of(
            "balancer=" + pair.balancer(),
            "balancer.period=1",
            "bmlhf.width=8",
            "bmlhf.heads=2",
            "bmlhf.feed_forward=8",
            "bmlhf.layers=1",
            "bmlhf.attention=4",
            "eann.width=8",
            "training.epochs=4",
            "training.batch_size=16",
            "training.weight_decay=0")) {
      settings = Configuration.schema().override(settings, override);
    }
    for (String override : overrides) {
      settings = Configuration.schema().override(settings, override);
    }
    List<EncoderInfo> encoders =
        views.stream().map(view -> new EncoderInfo(view, 1, "made", "0", Map.of())).toList();
    return new Checkpoint.Run(
        pair.system(),
        List.of("fake", "real"),
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
  @MethodSource("pairs")
  void anInterruptedRunEndsWithTheSameBytesAndTheDetectorGivesItsVerdicts(Pair pair)
      throws IOException {
    Path whole = Files.createDirectory(folder.resolve("whole"));
    Path broken = Files.createDirectory(folder.resolve("broken"));
    Checkpoint.Run run = run(pair, VIEWS);
    train(whole, run, TRAINING);
    for (int batches : new int[] {7, 25, 40}) {
      LabelledPosts failing =
          new LabelledPosts(
              new Changed(TRAINING.features(), Changed.pullingThePlugAfter(batches)),
              TRAINING.labels());
      try {
        train(broken, run, failing);
      } catch (CancellationException plugPulled) {
        assertThat(plugPulled).hasMessage("plug pulled");
      }
    }
    train(broken, run, TRAINING);
    assertThat(broken.resolve(Trainer.LAST)).hasSameBinaryContentAs(whole.resolve(Trainer.LAST));
    assertThat(broken.resolve(Trainer.BEST)).hasSameBinaryContentAs(whole.resolve(Trainer.BEST));
    assertDetects(whole, run);
  }

  private static void assertDetects(Path folder, Checkpoint.Run run) {
    try (Detector detector = Detector.load(folder, Trainer.LAST, 1);
        Balancer balancer = run.balancer();
        DetectionSystem system = run.build(balancer, Device.cpu());
        NDManager manager = NDManager.newBaseManager()) {
      Checkpoint.read(folder.resolve(Trainer.LAST)).restore(system);
      FeatureBatch batch = VALIDATION.features().batch(new int[] {0, 1, 2});
      List<Scored> expected = new Scorer(system, manager).score(batch);
      List<Scored> actual = detector.scorer().score(batch);
      for (int i = 0; i < expected.size(); i++) {
        assertThat(actual.get(i).probabilities()).isEqualTo(expected.get(i).probabilities());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void itsDoingIsSeenInTheLogAndInTheWeights(Pair pair) throws IOException {
    Path with = Files.createDirectory(folder.resolve("with"));
    Path without = Files.createDirectory(folder.resolve("without"));
    train(with, run(pair, VIEWS), TRAINING);
    train(without, run(new Pair(pair.system(), Unbalanced.NAME), VIEWS), TRAINING);
    JsonNode last = Json.MAPPER.readTree(Files.readAllLines(with.resolve(Trainer.METRICS)).get(3));
    boolean changed = !Arrays.equals(weights(with, pair), weights(without, pair));
    assertThat(changed).isEqualTo(!pair.balancer().equals(Unbalanced.NAME));
    assertThat(last.path("views").size()).isPositive();
    assertThat(last.path("balancer").isEmpty())
        .isEqualTo(List.of(Unbalanced.NAME, Mib.NAME).contains(pair.balancer()));
    for (JsonNode coefficient : last.path("balancer")) {
      for (JsonNode value : coefficient) {
        assertThat(value.asDouble()).isFinite();
      }
    }
  }

  /** A weight that every system of that name has, with any balancer. */
  private static float[] weights(Path folder, Pair pair) {
    return Checkpoint.read(folder.resolve(Trainer.LAST))
        .floats(pair.system().equals("EANN") ? "image_fc.weight" : "mlp.image_pattern.out.weight");
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void nothingOfABatchOutlivesIt(Pair pair) throws IOException {
    Checkpoint.Run run = run(pair, VIEWS);
    try (Balancer balancer = run.balancer();
        DetectionSystem system = run.build(balancer, Device.cpu())) {
      int before = arrays(system);
      new Trainer(system, balancer, TrainingSettings.of(run.settings()), run, folder, Progress.NONE)
          .train(TRAINING, VALIDATION);
      assertThat(arrays(system)).isEqualTo(before);
    }
  }

  /** Arrays that live as long as the parameters, those of the system's and the balancer's. */
  private static int arrays(DetectionSystem system) {
    return system.parameters().values().stream()
        .map(NDArray::getManager)
        .distinct()
        .mapToInt(manager -> manager.getManagedArrays().size())
        .sum();
  }

  @ParameterizedTest
  @MethodSource("comparing")
  void oneModalityAloneIsRefusedWithTheReason(String balancer) {
    Checkpoint.Run run = run(new Pair("EANN", balancer), VIEWS.subList(2, 4));
    assertThatThrownBy(() -> run.build(run.balancer(), Device.cpu()))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining(balancer)
        .hasMessageContaining("EANN")
        .hasMessageContaining("text");
  }

  @ParameterizedTest
  @MethodSource("comparing")
  void viewsCanBeBalancedInsteadOfModalities(String balancer) throws IOException {
    train(folder, run(new Pair("BMLHF", balancer), VIEWS, "balancer.unit=view"), TRAINING);
    assertThat(Checkpoint.read(folder.resolve(Trainer.LAST)).state().epoch()).isEqualTo(4);
  }

  @ParameterizedTest
  @MethodSource("comparing")
  void postsMayLackModalities(String balancer) throws IOException {
    Checkpoint.Run run = run(new Pair("BMLHF", balancer), VIEWS, "training.modality_dropout=0.5");
    train(folder, run, TRAINING);
    assertThat(Checkpoint.read(folder.resolve(Trainer.LAST)).state().epoch()).isEqualTo(4);
  }
}
