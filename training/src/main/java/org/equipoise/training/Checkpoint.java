package org.equipoise.training;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Settings;
import org.equipoise.core.features.FeatureSpec;
import org.equipoise.core.io.Json;
import org.equipoise.core.safetensors.SafetensorsFile;
import org.equipoise.core.safetensors.SafetensorsWriter;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.training.optimizer.Adam;

/**
 * A safetensors file with a system's parameters by name, the optimiser's moments as {@code
 * optimizer.first.<name>} and {@code optimizer.second.<name>}, and in its metadata everything that
 * is needed to build the system again and to go on training.
 */
public final class Checkpoint {
  private static final String FORMAT_VERSION = "1";
  private static final String FIRST = "optimizer.first.";
  private static final String SECOND = "optimizer.second.";

  private final SafetensorsFile file;
  private final Run run;
  private final State state;

  /**
   * What was trained.
   *
   * @param system the system's registered name
   * @param classes class names; a class's number is its place
   * @param features how posts become the features that the system reads, one encoder for each view
   *     in the system's order
   * @param config the whole configuration as YAML
   * @param threads how many threads trained it; other numbers round differently
   */
  public record Run(
      String system, List<String> classes, FeatureSpec features, String config, int threads) {
    public Run {
      classes = List.copyOf(classes);
    }

    /** The configuration as resolved when the run started. */
    public Settings settings() {
      return Configuration.schema()
          .yaml(Configuration.schema().defaults(), config, "the run's configuration");
    }
  }

  /**
   * How far training is.
   *
   * @param epoch the last finished epoch, counted from 1; 0 before the first
   * @param steps optimiser steps taken
   * @param bestEpoch the epoch with the best validation macro-F1 so far
   * @param bestScore that macro-F1
   * @param finished whether training has ended
   */
  public record State(int epoch, long steps, int bestEpoch, double bestScore, boolean finished) {
    /** Before the first epoch. */
    public static final State START = new State(0, 0, 0, Double.NEGATIVE_INFINITY, false);

    /** After another epoch; the earlier epoch stays the best where scores are equal. */
    State after(long stepsTaken, double score, TrainingSettings settings) {
      boolean better = score > bestScore;
      int best = better ? epoch + 1 : bestEpoch;
      boolean end = epoch + 1 >= settings.epochs() || epoch + 1 - best >= settings.patience();
      return new State(epoch + 1, stepsTaken, best, better ? score : bestScore, end);
    }

    /** Whether the last epoch is the best one. */
    boolean best() {
      return epoch == bestEpoch;
    }
  }

  private Checkpoint(SafetensorsFile file, Run run, State state) {
    this.file = file;
    this.run = run;
    this.state = state;
  }

  /**
   * Writes a checkpoint, whole or not at all.
   *
   * @throws IOException if the disk fails
   */
  public static void write(Path path, DetectionSystem system, Adam adam, Run run, State state)
      throws IOException {
    SafetensorsWriter writer =
        new SafetensorsWriter()
            .metadata("format_version", FORMAT_VERSION)
            .metadata("run", Json.line(run))
            .metadata("state", Json.line(state));
    for (Map.Entry<String, NDArray> parameter : system.parameters().entrySet()) {
      NDArray array = parameter.getValue();
      writer.add(parameter.getKey(), memory(array), array.getShape().getShape());
    }
    for (Map.Entry<String, NDArray> parameter : system.parameters().entrySet()) {
      long[] shape = parameter.getValue().getShape().getShape();
      writer.add(FIRST + parameter.getKey(), adam.firstMoment(parameter.getKey()), shape);
      writer.add(SECOND + parameter.getKey(), adam.secondMoment(parameter.getKey()), shape);
    }
    writer.write(path);
  }

  /**
   * Opens a checkpoint and checks it byte by byte.
   *
   * @throws WrongUseException if it is absent, damaged, or of a format unknown here
   */
  public static Checkpoint read(Path path) {
    SafetensorsFile file = SafetensorsFile.open(path);
    file.verify();
    String version = file.metadata().get("format_version");
    if (!FORMAT_VERSION.equals(version) || !file.metadata().containsKey("run")) {
      throw new WrongUseException(
          path + " is no checkpoint that this version reads: its format_version is " + version);
    }
    try {
      return new Checkpoint(
          file,
          Json.MAPPER.readValue(file.metadata().get("run"), Run.class),
          Json.MAPPER.readValue(file.metadata().get("state"), State.class));
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new WrongUseException(path + " has metadata that cannot be read: " + e.getMessage(), e);
    }
  }

  /** What was trained. */
  public Run run() {
    return run;
  }

  /** How far training is. */
  public State state() {
    return state;
  }

  /**
   * Copies the stored parameters into a system.
   *
   * @throws WrongUseException if their names or shapes are not the system's
   */
  public void restore(DetectionSystem system) {
    Set<String> missing = new TreeSet<>(system.parameters().keySet());
    missing.removeAll(file.names());
    if (!missing.isEmpty()) {
      throw new WrongUseException(
          file.path() + " lacks parameters of " + system.name() + ": " + missing);
    }
    system
        .parameters()
        .forEach(
            (name, array) -> {
              long[] shape = file.info(name).dimensions();
              if (!Arrays.equals(shape, array.getShape().getShape())) {
                throw new WrongUseException(
                    "%s: parameter '%s' is %s, the system's is %s"
                        .formatted(file.path(), name, file.info(name).shape(), array.getShape()));
              }
              memory(array).put(file.floats(name));
            });
  }

  /** Copies the stored moments into an optimiser of the same parameters. */
  public void restore(DetectionSystem system, Adam adam) {
    for (String name : system.parameters().keySet()) {
      copy(FIRST + name, adam.firstMoment(name));
      copy(SECOND + name, adam.secondMoment(name));
    }
    adam.resumeAt(state.steps());
  }

  private void copy(String name, float[] into) {
    float[] stored = file.floats(name);
    System.arraycopy(stored, 0, into, 0, into.length);
  }

  private static FloatBuffer memory(NDArray array) {
    return array.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }
}
