package org.equipoise.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Settings;
import org.equipoise.core.features.FeatureSpec;
import org.equipoise.core.io.Json;
import org.equipoise.core.safetensors.DType;
import org.equipoise.core.safetensors.SafetensorsFile;
import org.equipoise.core.safetensors.SafetensorsWriter;
import org.equipoise.core.safetensors.TensorInfo;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.Systems;
import org.equipoise.training.balance.Balancer;
import org.equipoise.training.balance.Balancers;
import org.equipoise.training.balance.Unbalanced;
import org.equipoise.training.optimizer.Gradients;
import org.equipoise.training.optimizer.Optimizer;

/**
 * A safetensors file with a system's parameters and buffers by name, what the optimiser remembers
 * as {@code optimizer.<kind>.<name>} (for Adam {@code first} and {@code second}), what the balancer
 * remembers as {@code balancer_state.<name>}, and in its metadata everything that is needed to
 * build the system again and to go on training.
 */
public final class Checkpoint {
  private static final String FORMAT_VERSION = "1";
  private static final String OPTIMIZER = "optimizer.";
  private static final String BALANCER = "balancer_state.";

  private final SafetensorsFile file;
  private final Run run;
  private final State state;

  /**
   * What was trained.
   *
   * @param system the system's registered name
   * @param classes class names; a class's number is its place
   * @param events how many events its training posts had
   * @param features how posts become the features that the system reads, one encoder for each view
   *     in the system's order
   * @param config the whole configuration as YAML
   * @param threads how many threads trained it; other numbers round differently
   */
  public record Run(
      String system,
      List<String> classes,
      int events,
      FeatureSpec features,
      String config,
      int threads) {
    public Run {
      classes = List.copyOf(classes);
    }

    /** Without events. */
    public Run(
        String system, List<String> classes, FeatureSpec features, String config, int threads) {
      this(system, classes, 0, features, config, threads);
    }

    /** The run's balancer, to be handed to {@link #build} and to a trainer. */
    public Balancer balancer() {
      Settings settings = settings();
      return Balancers.create(settings.get(Configuration.BALANCER), settings);
    }

    /**
     * The network with its initial parameters.
     *
     * @param balancer may put parts of its own in
     * @throws WrongUseException if features, settings, system and balancer do not fit each other
     */
    public DetectionSystem build(Balancer balancer, Device device) {
      Settings settings = settings();
      SystemContext context =
          new SystemContext(
              features.views(),
              classes,
              events,
              settings,
              settings.get(TrainingSettings.SEED),
              device);
      DetectionSystem built = Systems.find(system).create(context);
      try {
        return balancer.adapt(built, context);
      } catch (RuntimeException e) {
        built.close();
        throw e;
      }
    }

    /** The same run on some of its views alone, without balancer. */
    Run only(List<View> views) {
      FeatureSpec fewer =
          new FeatureSpec(
              features.form(),
              features.encoders().stream().filter(e -> views.contains(e.view())).toList(),
              features.cleaning());
      String unbalanced = settings().with(Configuration.BALANCER, Unbalanced.NAME).toYaml();
      return new Run(system, classes, events, fewer, unbalanced, threads);
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
   * @param plateaus how often validation has stopped to improve, for the schedule
   * @param plateauEpoch when it did last
   */
  public record State(
      int epoch,
      long steps,
      int bestEpoch,
      double bestScore,
      boolean finished,
      int plateaus,
      int plateauEpoch) {
    /** Before the first epoch. */
    public static final State START = new State(0, 0, 0, Double.NEGATIVE_INFINITY, false, 0, 0);

    /** After another epoch; the earlier epoch stays the best where scores are equal. */
    State after(long stepsTaken, double score, TrainingSettings settings) {
      boolean better = score > bestScore;
      int best = better ? epoch + 1 : bestEpoch;
      boolean end = epoch + 1 >= settings.epochs() || epoch + 1 - best >= settings.patience();
      boolean plateau = epoch + 1 - Math.max(best, plateauEpoch) >= settings.decayEpochs();
      return new State(
          epoch + 1,
          stepsTaken,
          best,
          better ? score : bestScore,
          end,
          plateau ? plateaus + 1 : plateaus,
          plateau ? epoch + 1 : plateauEpoch);
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
  public static void write(
      Path path,
      DetectionSystem system,
      Optimizer optimizer,
      Balancer balancer,
      Run run,
      State state)
      throws IOException {
    SafetensorsWriter writer =
        new SafetensorsWriter()
            .metadata("format_version", FORMAT_VERSION)
            .metadata("run", Json.line(run))
            .metadata("state", Json.line(state));
    stored(system)
        .forEach(
            (name, array) ->
                writer.add(name, Gradients.memory(array), array.getShape().getShape()));
    Map<String, Map<String, float[]>> memory = optimizer.memory();
    system
        .parameters()
        .forEach(
            (name, array) ->
                memory.forEach(
                    (kind, values) ->
                        writer.add(
                            OPTIMIZER + kind + "." + name,
                            values.get(name),
                            array.getShape().getShape())));
    balancer
        .state()
        .forEach(
            (name, values) ->
                writer.addBytes(
                    TensorInfo.of(BALANCER + name, DType.F64, values.length), bytes(values)));
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

  /** The numbers of a stored parameter or buffer. */
  float[] floats(String name) {
    return file.floats(name);
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
   * Copies the stored parameters and buffers into a system.
   *
   * @throws WrongUseException if their names or shapes are not the system's
   */
  public void restore(DetectionSystem system) {
    Map<String, NDArray> arrays = stored(system);
    Set<String> missing = new TreeSet<>(arrays.keySet());
    missing.removeAll(file.names());
    if (!missing.isEmpty()) {
      throw new WrongUseException(
          file.path() + " lacks parameters of " + system.name() + ": " + missing);
    }
    arrays.forEach(
        (name, array) -> {
          long[] shape = file.info(name).dimensions();
          if (!Arrays.equals(shape, array.getShape().getShape())) {
            throw new WrongUseException(
                "%s: parameter '%s' is %s, the system's is %s"
                    .formatted(file.path(), name, file.info(name).shape(), array.getShape()));
          }
          Gradients.memory(array).put(file.floats(name));
        });
  }

  /** Copies the stored memory into an optimiser of the same kind and parameters. */
  public void restore(Optimizer optimizer) {
    optimizer
        .memory()
        .forEach(
            (kind, values) ->
                values.forEach(
                    (name, into) -> {
                      float[] stored = file.floats(OPTIMIZER + kind + "." + name);
                      System.arraycopy(stored, 0, into, 0, into.length);
                    }));
    optimizer.resumeAt(state.steps());
  }

  /** Hands a balancer of the same kind what it remembered. */
  public void restore(Balancer balancer) {
    Map<String, double[]> values = new LinkedHashMap<>();
    file.names().stream()
        .filter(name -> name.startsWith(BALANCER))
        .forEach(name -> values.put(name.substring(BALANCER.length()), file.doubles(name)));
    balancer.restore(values);
  }

  private static Map<String, NDArray> stored(DetectionSystem system) {
    Map<String, NDArray> arrays = new LinkedHashMap<>(system.parameters());
    arrays.putAll(system.buffers());
    return arrays;
  }

  private static byte[] bytes(double[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asDoubleBuffer().put(values);
    return bytes.array();
  }
}
