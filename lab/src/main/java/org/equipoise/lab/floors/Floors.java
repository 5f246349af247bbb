package org.equipoise.lab.floors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.Progress;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.features.FeatureSource;
import org.equipoise.core.features.SelectedFeatures;
import org.equipoise.core.io.Json;
import org.equipoise.core.metrics.Metrics;
import org.equipoise.core.safetensors.SafetensorsFile;
import org.equipoise.core.safetensors.SafetensorsWriter;

/**
 * The floors that need no more than features, fitted on training posts: {@value #MAJORITY} and
 * {@value #LINEAR}. They are stored in the run's folder as {@value #FILE}, so that later posts can
 * be measured against them. Immutable; safe for several threads.
 */
public final class Floors {
  /** The floor that always answers with the training posts' commonest class. */
  public static final String MAJORITY = "majority";

  /** The floor of a logistic regression on the pooled views. */
  public static final String LINEAR = "linear";

  /** The floor that answers with the label of the most similar training post. */
  public static final String LOOK_UP = "look_up";

  /** The file's name within a run's folder. */
  public static final String FILE = "floors.safetensors";

  private static final String DESCRIPTION = "floors";
  private static final int FORMAT_VERSION = 1;
  private static final int POSTS_AT_ONCE = 4096;

  private final List<String> classes;
  private final int majority;
  private final LinearFloor linear;
  private final double c;
  private final List<LinearFloor.Trial> trials;

  private Floors(
      List<String> classes,
      int majority,
      LinearFloor linear,
      double c,
      List<LinearFloor.Trial> trials) {
    this.classes = List.copyOf(classes);
    this.majority = majority;
    this.linear = linear;
    this.c = c;
    this.trials = List.copyOf(trials);
  }

  /**
   * Fits the floors. The training posts' features are held as one float32 matrix.
   *
   * @param trainingLabels class numbers of all posts of {@code training}, by row
   * @param validation decides the strength of the linear floor's penalty; may be without posts
   * @param threads how many may be used; their number does not change the result
   */
  public static Floors fit(
      List<String> classes,
      FeatureSource training,
      int[] trainingLabels,
      FeatureSource validation,
      int[] validationLabels,
      int threads,
      Progress progress) {
    check(training, trainingLabels);
    check(validation, validationLabels);
    if (training.size() == 0) {
      throw new WrongUseException("the floors cannot be fitted: there are no training posts");
    }
    LinearFloor.Fit linear =
        LinearFloor.fit(
            classes, training, trainingLabels, validation, validationLabels, threads, progress);
    return new Floors(
        classes,
        commonest(classes.size(), trainingLabels),
        linear.floor(),
        linear.c(),
        linear.trials());
  }

  private static void check(FeatureSource posts, int[] labels) {
    if (posts.size() != labels.length) {
      throw new IllegalArgumentException(posts.size() + " posts and " + labels.length + " labels");
    }
  }

  private static int commonest(int classes, int[] labels) {
    int[] counts = new int[classes];
    for (int label : labels) {
      counts[label]++;
    }
    return IntStream.range(0, classes).reduce(0, (a, b) -> counts[b] > counts[a] ? b : a);
  }

  /** The classes, in the order of their numbers. */
  public List<String> classes() {
    return classes;
  }

  /** The linear floor's C, as chosen on the validation posts. */
  public double c() {
    return c;
  }

  /**
   * What each floor says of all posts of a source: class numbers by row, by the floor's name.
   *
   * @throws WrongUseException if the features lack a view that the floors were fitted with
   */
  public Map<String, int[]> predict(FeatureSource posts) {
    int[] commonest = new int[posts.size()];
    Arrays.fill(commonest, majority);
    int[] regression = new int[posts.size()];
    for (int first = 0; first < regression.length; first += POSTS_AT_ONCE) {
      int[] rows =
          IntStream.range(first, Math.min(regression.length, first + POSTS_AT_ONCE)).toArray();
      FeatureSource part = new SelectedFeatures(posts, rows, linear.joined().views());
      int[] predictions = Metrics.predictions(linear.probabilities(part));
      System.arraycopy(predictions, 0, regression, first, predictions.length);
    }
    Map<String, int[]> predictions = new LinkedHashMap<>();
    predictions.put(MAJORITY, commonest);
    predictions.put(LINEAR, regression);
    return predictions;
  }

  /** Writes {@value #FILE} into the folder. */
  public void write(Path folder) throws IOException {
    JoinedViews joined = linear.joined();
    Map<String, Object> description = new LinkedHashMap<>();
    description.put("format_version", FORMAT_VERSION);
    description.put("classes", classes);
    description.put("majority", classes.get(majority));
    description.put("views", joined.views());
    description.put("c", c);
    description.put("trials", trials);
    int width = joined.width();
    new SafetensorsWriter()
        .metadata(DESCRIPTION, Json.line(description))
        .add("linear.mean", joined.mean(), width)
        .add("linear.scale", joined.scale(), width)
        .add(
            "linear.weight",
            linear.model().weights(),
            LogisticRegression.vectors(classes.size()),
            width + 1)
        .write(folder.resolve(FILE));
  }

  /**
   * Reads {@value #FILE} of a folder.
   *
   * @throws WrongUseException if it is absent, damaged or of another format; the message names it
   */
  public static Floors read(Path folder) {
    SafetensorsFile file = SafetensorsFile.open(folder.resolve(FILE));
    file.verify();
    try {
      JsonNode description =
          Json.MAPPER.readTree(file.metadata().getOrDefault(DESCRIPTION, "null"));
      if (description.path("format_version").asInt() != FORMAT_VERSION) {
        throw new WrongUseException(
            file.path() + " is not a file of floors that this version reads; train the run again");
      }
      List<String> classes =
          Json.MAPPER.convertValue(description.get("classes"), new TypeReference<>() {});
      List<View> views = new ArrayList<>();
      for (JsonNode view : description.get("views")) {
        views.add(
            new View(
                view.get("name").asText(),
                Modality.of(view.get("modality").asText()),
                Kind.of(view.get("kind").asText()),
                view.get("width").asInt()));
      }
      JoinedViews joined =
          new JoinedViews(views, file.floats("linear.mean"), file.floats("linear.scale"));
      LogisticRegression model =
          new LogisticRegression(classes.size(), joined.width(), file.floats("linear.weight"));
      return new Floors(
          classes,
          classes.indexOf(description.get("majority").asText()),
          new LinearFloor(joined, model),
          description.get("c").asDouble(),
          Json.MAPPER.convertValue(description.get("trials"), new TypeReference<>() {}));
    } catch (JsonProcessingException | IllegalArgumentException | NullPointerException e) {
      throw new WrongUseException(file.path() + " is damaged: train the run again", e);
    }
  }
}
