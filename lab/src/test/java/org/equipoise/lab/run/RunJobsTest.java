package org.equipoise.lab.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.equipoise.core.Progress;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Settings;
import org.equipoise.core.io.Json;
import org.equipoise.core.safetensors.SafetensorsFile;
import org.equipoise.data.DataOptions;
import org.equipoise.data.DataSpec;
import org.equipoise.data.DemoPosts;
import org.equipoise.data.Protocol;
import org.equipoise.data.Splits;
import org.equipoise.encoders.EncoderOptions;
import org.equipoise.training.Configuration;
import org.equipoise.training.Trainer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole jobs on a small made world: posts in, answers out. */
@Tag("slow")
class RunJobsTest {
  private static final SplitChoice SPLIT =
      new SplitChoice.Made(Optional.of(Protocol.EVENT_DISJOINT), 1, Set.of(), 3);

  @TempDir static Path world;
  private static Path posts;

  @TempDir Path folder;

  @BeforeAll
  static void drawPosts() throws IOException {
    posts = DemoPosts.write(world.resolve("demo"), 5, 160, 2);
  }

  private static Settings settings(String... overrides) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "features.form=pooled",
                "bmlhf.width=16",
                "bmlhf.heads=2",
                "bmlhf.feed_forward=32",
                "bmlhf.layers=1",
                "bmlhf.attention=8",
                "training.epochs=3"));
    all.addAll(List.of(overrides));
    Settings settings = Configuration.schema().defaults();
    for (String override : all) {
      settings = Configuration.schema().override(settings, override);
    }
    return settings;
  }

  private static DataSpec data(Path file) {
    return DataSpec.parse(file.toString(), DataOptions.DEFAULT);
  }

  private static TrainJob job(
      Path data, SplitChoice split, Path out, Settings settings, Progress progress) {
    return new TrainJob(
        new TrainRequest(
            data(data),
            Optional.empty(),
            settings,
            split,
            0,
            out,
            true,
            false,
            1,
            EncoderOptions.threads(1),
            Optional.empty()),
        progress);
  }

  private RunFolder train(String name, String... overrides) throws IOException {
    Path out = folder.resolve(name);
    return job(posts, SPLIT, out, settings(overrides), Progress.NONE).run().folder();
  }

  /** Fails when that much work has been started, as a pulled plug would. */
  private static Progress pullingThePlugAt(String work) {
    return (what, total) -> {
      if (what.equals(work)) {
        throw new CancellationException("plug pulled");
      }
      return Progress.NONE.start(what, total);
    };
  }

  @Test
  void aRunHoldsWhatWasTrainedAndWhatItAnswersForItsTestPostsAlone() throws IOException {
    RunFolder run = train("run");
    JsonNode evaluation = Json.read(run.evaluation());
    Splits.Fold fold = Splits.read(run.splits()).fold(0);
    assertThat(evaluation.get("posts").asInt()).isEqualTo(fold.test().size());
    assertThat(evaluation.get("protocol").asText()).isEqualTo("event-disjoint");
    assertThat(evaluation.get("floors").properties())
        .extracting(Map.Entry::getKey)
        .containsExactly("majority", "linear", "look_up");
    assertThat(evaluation.has("last")).isTrue();
    Set<String> predicted = new HashSet<>();
    for (String line : Files.readAllLines(run.predictions())) {
      predicted.add(Json.MAPPER.readTree(line).get("id").asText());
    }
    assertThat(predicted).isEqualTo(new HashSet<>(fold.test()));
    assertThat(Files.readString(run.report())).contains("event-disjoint");
  }

  @Test
  void whatASystemWarnsOfReachesTheCaller() throws IOException {
    Settings settings = settings("system=SAFE", "balancer=none", "safe.real=genuine");
    TrainJob.Outcome outcome =
        job(posts, SPLIT, folder.resolve("run"), settings, Progress.NONE).run();
    assertThat(outcome.warnings())
        .containsExactly(
            "SAFE's similarity has no loss: safe.real is 'genuine', the classes are [fake, real]");
  }

  @Test
  void aFinishedRunIsLeftAloneAndEvaluatesToTheSameFigures() throws IOException {
    RunFolder run = train("run");
    byte[] before = Files.readAllBytes(run.evaluation());
    assertThat(job(posts, SPLIT, run.path(), settings(), Progress.NONE).run().alreadyFinished())
        .isTrue();
    Files.delete(run.evaluation());
    new EvaluateJob(run, 1, Progress.NONE).onTestPosts();
    assertThat(Files.readAllBytes(run.evaluation())).isEqualTo(before);
  }

  @Test
  void postsThatNoEncoderFindsAnythingInCountAsSkipped() throws IOException {
    RunFolder run = train("run");
    Path others =
        Files.writeString(
            folder.resolve("others.jsonl"),
            """
            {"id": "1", "text": "A flood is rising at the bakery", "label": "real"}
            {"id": "2", "text": "http://example.org/only-an-address", "label": "fake"}
            {"id": "3", "text": "A post that nobody has judged yet"}
            """);
    Map<String, Object> evaluation =
        new EvaluateJob(run, 1, Progress.NONE).on(data(others)).toJson();
    assertThat(evaluation).containsEntry("posts", 1).containsEntry("skipped", 2);
  }

  @Test
  void anUnfinishedRunGoesOnToTheSameBytes() throws IOException {
    RunFolder whole = train("whole");
    Path broken = folder.resolve("broken");
    for (String work : List.of("epoch 1", "epoch 3", "epoch 3")) {
      assertThatThrownBy(() -> job(posts, SPLIT, broken, settings(), pullingThePlugAt(work)).run())
          .isInstanceOf(CancellationException.class);
    }
    job(posts, SPLIT, broken, settings(), Progress.NONE).run();
    for (String file : List.of(Trainer.BEST, Trainer.LAST)) {
      assertThat(broken.resolve(file)).hasSameBinaryContentAs(whole.path().resolve(file));
    }
    assertThat(Files.readAllBytes(new RunFolder(broken).evaluation()))
        .isEqualTo(Files.readAllBytes(whole.evaluation()));
  }

  @Test
  void anUnfinishedRunRefusesOtherSettingsAndNamesTheKey() {
    Path out = folder.resolve("run");
    assertThatThrownBy(() -> job(posts, SPLIT, out, settings(), pullingThePlugAt("epoch 2")).run())
        .isInstanceOf(CancellationException.class);
    assertThatThrownBy(
            () ->
                job(posts, SPLIT, out, settings("training.weight_decay=0.5"), Progress.NONE).run())
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("training.weight_decay")
        .hasMessageContaining("--overwrite");
  }

  @Test
  void whatTheTestPostsSayCannotReachTheWeights() throws IOException {
    RunFolder run = train("run");
    Set<String> test = new HashSet<>(Splits.read(run.splits()).fold(0).test());
    Path changed = posts.resolveSibling("changed.jsonl");
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(posts)) {
      ObjectNode post = (ObjectNode) Json.MAPPER.readTree(line);
      if (test.contains(post.get("id").asText())) {
        post.put("label", post.get("label").asText().equals("fake") ? "real" : "fake");
        post.put("text", "Nothing that was ever said before, " + post.get("id").asText());
      }
      lines.add(post.toString());
    }
    Files.write(changed, lines);

    Path out = folder.resolve("changed");
    job(changed, SPLIT, out, settings(), Progress.NONE).run();

    SafetensorsFile before = SafetensorsFile.open(run.path().resolve(Trainer.LAST));
    SafetensorsFile after = SafetensorsFile.open(out.resolve(Trainer.LAST));
    assertThat(new HashSet<>(Splits.read(new RunFolder(out).splits()).fold(0).test()))
        .isEqualTo(test);
    for (String name : before.names()) {
      assertThat(after.bytes(name)).isEqualTo(before.bytes(name));
    }
    assertThat(Json.read(new RunFolder(out).evaluation()).get("accuracy"))
        .isNotEqualTo(Json.read(run.evaluation()).get("accuracy"));
  }

  @Test
  void verdictsOfAStreamGoOnAfterTheLastWholeLine() throws IOException {
    RunFolder run = train("run");
    Path whole = folder.resolve("whole.jsonl");
    PredictJob.Outcome first = predict(run, whole);
    assertThat(first.scored()).isEqualTo(Files.readAllLines(posts).size());
    assertThat(predict(run, whole).alreadyFinished()).isTrue();

    Path broken = folder.resolve("broken.jsonl");
    predict(run, broken);
    Path partial = folder.resolve("broken.jsonl.partial");
    Files.move(broken, partial);
    try (RandomAccessFile file = new RandomAccessFile(partial.toFile(), "rw")) {
      file.setLength(file.length() / 2);
    }
    PredictJob.Outcome rest = predict(run, broken);
    assertThat(rest.resumed()).isPositive();
    assertThat(rest.scored()).isEqualTo(first.scored() - rest.resumed());
    assertThat(broken).hasSameTextualContentAs(whole);
  }

  private static PredictJob.Outcome predict(RunFolder run, Path out) throws IOException {
    return new PredictJob(run, data(posts), out, 1, Progress.NONE).run(false);
  }

  @Test
  void verdictsOfAnotherRunAreNotOverwrittenUnasked() throws IOException {
    RunFolder run = train("run");
    Path out = folder.resolve("verdicts.jsonl");
    predict(run, out);
    RunFolder other = train("other", "training.seed=9");
    assertThatThrownBy(() -> predict(other, out))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("--overwrite");
  }
}
