package org.equipoise.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.equipoise.core.Clause;
import org.equipoise.core.Post;
import org.equipoise.core.Verdict;
import org.equipoise.core.WrongUseException;
import org.equipoise.data.DataFiles;
import org.equipoise.data.DataSpec;
import org.equipoise.lab.run.PredictJob;
import org.equipoise.lab.run.RunFolder;
import org.equipoise.lab.run.VerdictJson;
import org.equipoise.media.BrokenImageException;
import org.equipoise.media.ImageDecoder;
import org.equipoise.training.Detector;
import org.equipoise.training.Trainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code predict}: a run and posts → verdicts. */
@Command(
    name = "predict",
    description =
        "Scores one post (--text, --image), or many (--data, --out); begun before, it goes on where"
            + " it stopped.")
final class PredictCommand extends EquipoiseCommand {
  private static final String ID = "post";

  @Parameters(index = "0", paramLabel = "run/", description = "The run's folder.")
  private Path run;

  @Option(names = "--text", paramLabel = "T", description = "The post's text.")
  private String text;

  @Option(names = "--image", paramLabel = "FILE", description = "The post's image.")
  private Path image;

  @Mixin private DataArguments.Given data;

  @Option(
      names = "--out",
      paramLabel = "verdicts.jsonl",
      description = "One line for each post of --data, in their order.")
  private Path out;

  @Option(names = "--overwrite", description = "Replace verdicts of another run or of other posts.")
  private boolean overwrite;

  @Option(names = "--seed", paramLabel = "s", description = "Draws the sample (default: 1).")
  private long seed = SplitArguments.DEFAULT_SEED;

  @Mixin private JsonOption json;
  @Mixin private DeviceOption device;

  @Override
  void run(Console console) throws IOException {
    device.require();
    boolean one = text != null || image != null;
    Optional<DataSpec> posts = data.spec(seed, threads());
    if (one == posts.isPresent()) {
      throw new WrongUseException(
          one
              ? "give one post (--text, --image) or many (--data), not both"
              : "which post? give --text, --image or both, or --data and --out");
    }
    if (one != (out == null)) {
      throw new WrongUseException(
          one
              ? "--out is for the verdicts of --data; one post's is printed"
              : "where to? --data needs --out verdicts.jsonl");
    }
    RunFolder folder = RunFolder.open(run);
    if (one) {
      score(folder, console);
    } else {
      OutputPaths.requireFile(out, "--out");
      DataFiles.requireOther(posts.get(), out);
      if (posts.get().options().sample().isPresent()) {
        throw new WrongUseException("predict scores every post of --data: leave out --sample");
      }
      score(folder, posts.get(), console);
    }
  }

  private void score(RunFolder folder, Console console) {
    Post.Builder post = Post.builder(ID).text(text);
    if (image != null) {
      if (!Files.isRegularFile(image)) {
        throw new WrongUseException(
            "--image %s: %s"
                .formatted(
                    image, Files.isDirectory(image) ? "it is a folder" : "there is no such file"));
      }
      warnOfBrokenImage(console);
      post.images(List.of(image));
    }
    Verdict verdict;
    try (Detector detector = Detector.load(folder.path(), Trainer.BEST, threads())) {
      verdict = detector.score(post.build());
    }
    if (json.asked()) {
      console.json(VerdictJson.of(verdict));
    } else {
      print(verdict, console);
    }
  }

  /** A post with a text is scored by it; its author should know that the image had no part. */
  private void warnOfBrokenImage(Console console) {
    if (text == null || text.isBlank()) {
      return;
    }
    try {
      new ImageDecoder().decode(image);
    } catch (BrokenImageException e) {
      console
          .err()
          .println(
              "equipoise: %s cannot be used (%s: %s); the post is scored by its text"
                  .formatted(image, e.reason(), e.getMessage()));
    }
  }

  private static void print(Verdict verdict, Console console) {
    TextTable table = new TextTable();
    table.row(verdict.verdict(), shares(verdict.probabilities()), "");
    verdict
        .views()
        .forEach(
            (name, view) ->
                table.row(
                    "  " + name,
                    shares(view.probabilities()),
                    view.weight().isPresent()
                        ? String.format(Locale.ROOT, "weight %.3f", view.weight().getAsDouble())
                        : ""));
    table.lines().forEach(console::line);
    verdict.clauses().forEach(clause -> print(clause, console));
  }

  /** A clause's value is the conjunction of its atoms' last numbers. */
  private static void print(Clause clause, Console console) {
    console.line(
        String.format(
            Locale.ROOT,
            "%s, because (truth %.4g, round %d):",
            clause.label(),
            clause.value(),
            clause.round()));
    TextTable atoms = new TextTable();
    for (Clause.Atom atom : clause.atoms()) {
      atoms.row(
          "  " + String.join(" with ", atom.objects()),
          String.format(Locale.ROOT, "truth %.3f", atom.truth()),
          String.format(Locale.ROOT, "weight %.3f", atom.weight()),
          String.format(Locale.ROOT, "counts %.4g", atom.factor()));
    }
    atoms.lines().forEach(console::line);
  }

  private static String shares(Map<String, Double> probabilities) {
    return String.join(
        "  ",
        probabilities.entrySet().stream()
            .map(of -> String.format(Locale.ROOT, "%s %.3f", of.getKey(), of.getValue()))
            .toList());
  }

  private void score(RunFolder folder, DataSpec posts, Console console) throws IOException {
    PredictJob.Outcome outcome =
        new PredictJob(folder, posts, out, threads(), progress()).run(overwrite);
    if (json.asked()) {
      Map<String, Object> answer = new LinkedHashMap<>();
      answer.put("scored", outcome.scored());
      answer.put("failed", outcome.failed());
      answer.put("resumed", outcome.resumed());
      answer.put("already_finished", outcome.alreadyFinished());
      console.json(answer);
    } else if (outcome.alreadyFinished()) {
      console.line(out + " is finished already; nothing was done");
    } else {
      console.line(
          String.format(
              Locale.ROOT,
              "%s: %,d posts scored, %,d with a reason instead, %,d from before",
              out,
              outcome.scored(),
              outcome.failed(),
              outcome.resumed()));
    }
  }
}
