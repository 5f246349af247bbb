package org.equipoise.lab.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.equipoise.core.Post;
import org.equipoise.core.io.Json;
import org.equipoise.lab.evaluation.Evaluation;
import org.equipoise.media.ImageEncoder;
import org.equipoise.media.RgbImage;

/** A run's folder as training and evaluation leave it, with figures drawn by lot. */
final class MadeUpRun {
  static final String HOSTILE = "<script>alert('x')</script><img src=https://example.org/a.png>";

  private static final List<String> CLASSES = List.of("fake", "real");
  private static final List<String> VIEWS =
      List.of("text_pattern", "text_semantic", "image_pattern", "image_semantic");
  private static final int POSTS = 480;
  private static final int EPOCHS = 14;

  private final Path folder;
  private final Random random = new Random(11);
  private final Map<String, Post> posts = new LinkedHashMap<>();

  private MadeUpRun(Path folder) {
    this.folder = folder;
  }

  /**
   * Writes the folder.
   *
   * @param skill how far the model's logits point to the truth; 0 is guessing
   */
  static MadeUpRun write(Path folder, double skill) throws IOException {
    MadeUpRun run = new MadeUpRun(folder);
    Files.createDirectories(folder);
    run.evaluate(skill);
    run.train();
    Files.writeString(
        folder.resolve("config.yaml"), "format_version: 1\ntraining:\n  epochs: 14\n");
    Files.writeString(
        folder.resolve("provenance.json"),
        Json.pretty(
            Map.of(
                "system",
                "BMLHF",
                "balancer",
                "mib",
                "seed",
                1,
                "data",
                Map.of("fingerprint", "0123456789abcdef".repeat(4)),
                "encoders",
                List.of(Map.of("view", "text_pattern"), Map.of("view", "image")))));
    return run;
  }

  Path folder() {
    return folder;
  }

  Optional<Post> post(String id) {
    return Optional.ofNullable(posts.get(id));
  }

  private void evaluate(double skill) throws IOException {
    int[] labels = new int[POSTS];
    int[] linear = new int[POSTS];
    double[][] probabilities = new double[POSTS][];
    List<Optional<String>> events = new ArrayList<>();
    List<Optional<String>> images = new ArrayList<>();
    StringBuilder predictions = new StringBuilder();
    for (int i = 0; i < POSTS; i++) {
      labels[i] = random.nextInt(2);
      int image = i % 60;
      double logit = skill * (labels[i] == 0 ? 1 : -1) + 1.6 * random.nextGaussian();
      probabilities[i] = new double[] {1 / (1 + Math.exp(-logit)), 1 / (1 + Math.exp(logit))};
      linear[i] = random.nextDouble() < 0.7 ? labels[i] : 1 - labels[i];
      String event = List.of("harbour fire", "river flood", "city marathon").get(image % 3);
      events.add(Optional.of(event));
      images.add(Optional.of("image-" + image));
      String id = "post-" + i;
      posts.put(id, post(id, i, image));
      predictions.append(prediction(id, labels[i], event, probabilities[i])).append('\n');
    }
    Evaluation evaluation =
        Evaluation.builder("made-up posts", "image-disjoint", CLASSES)
            .posts(labels, events, images)
            .probabilities(probabilities)
            .last(probabilities)
            .floor("majority", new int[POSTS])
            .floor("linear", linear)
            .floor("look_up", linear.clone())
            .seed(3)
            .build();
    Files.writeString(folder.resolve(Evaluation.FILE), Json.pretty(evaluation.toJson()));
    Files.writeString(folder.resolve("predictions.jsonl"), predictions.toString());
  }

  private Post post(String id, int number, int image) throws IOException {
    Path file = folder.resolve("images").resolve(image + ".png");
    if (Files.notExists(file)) {
      Files.createDirectories(file.getParent());
      byte[] pixels = new byte[3 * 320 * 200];
      for (int p = 0; p < pixels.length / 3; p++) {
        pixels[3 * p] = (byte) (p % 320 * (1 + image % 3));
        pixels[3 * p + 1] = (byte) (p / 320 + 20 * (image % 5));
        pixels[3 * p + 2] = (byte) (90 + 30 * (image % 4));
      }
      Files.write(file, ImageEncoder.png(new RgbImage(320, 200, pixels)));
    }
    String text =
        number % 4 == 0
            ? HOSTILE + " " + "averylongwordwithoutanyspace".repeat(6)
            : "Witnesses say the crowd left the square before noon. (made-up post " + number + ")";
    return Post.builder(id)
        .text(number % 7 == 3 ? "" : text)
        .images(number % 5 == 2 ? List.of() : List.of(file))
        .build();
  }

  private String prediction(String id, int label, String event, double[] probabilities) {
    Map<String, Object> views = new LinkedHashMap<>();
    for (String view : VIEWS) {
      double p = random.nextDouble();
      views.put(view, Map.of("probabilities", Map.of("fake", p, "real", 1 - p), "weight", 0.5));
    }
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("id", id);
    line.put("label", CLASSES.get(label));
    line.put("event", event);
    line.put("verdict", probabilities[0] >= 0.5 ? "fake" : "real");
    line.put("probabilities", Map.of("fake", probabilities[0], "real", probabilities[1]));
    line.put("views", views);
    return Json.line(line);
  }

  private void train() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int epoch = 1; epoch <= EPOCHS; epoch++) {
      double done = epoch / (double) EPOCHS;
      Map<String, Object> views = new LinkedHashMap<>();
      for (int v = 0; v < VIEWS.size(); v++) {
        double s = 0.5 + 0.1 * (v + 1) * done;
        views.put(
            VIEWS.get(v),
            Map.of("s", s, "rho", s / 3, "k", v < 2 ? 1.0 : 1 - Math.tanh(0.8 * s / 3)));
      }
      Map<String, Object> loss = new LinkedHashMap<>();
      loss.put("total", 1.8 * Math.exp(-2 * done) + 0.2);
      loss.put("classification", Math.exp(-2 * done));
      loss.put("probe", 0.6 * Math.exp(-2 * done) + 0.1);
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("epoch", epoch);
      line.put("loss", loss);
      double score = 0.6 + 0.25 * Math.sin(2.4 * done);
      line.put("validation", Map.of("accuracy", score, "macro_f1", score - 0.03));
      line.put("views", views);
      if (epoch > 2) {
        Map<String, Object> balancer = new LinkedHashMap<>();
        balancer.put("drop_rate", Map.of("image", 0.5 * done));
        balancer.put("weight", Map.of("image", 1 - done, "text", done));
        balancer.put("flat", Map.of("image", 0.0, "text", 0.0));
        line.put("balancer", balancer);
      }
      line.put("seconds", 1.5);
      lines.append(Json.line(line)).append('\n');
    }
    Files.writeString(folder.resolve("metrics.jsonl"), lines.toString());
  }
}
