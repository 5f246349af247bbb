package org.equipoise.systems.golden;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.config.Schema;
import org.equipoise.core.config.Settings;
import org.equipoise.core.io.Json;
import org.equipoise.core.safetensors.SafetensorsFile;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.Systems;
import org.equipoise.systems.bmlhf.BmlhfSettings;
import org.equipoise.testing.Folders;

/**
 * One file of the golden vectors of BMLHF: a configuration, a batch, parameters and what an
 * independent implementation made of them.
 */
public final class GoldenCase {
  private static final int DIGEST_SUMS = 3;

  private final SafetensorsFile file;
  private final JsonNode config;

  private GoldenCase(SafetensorsFile file, JsonNode config) {
    this.file = file;
    this.config = config;
  }

  /** The folder {@code golden/bmlhf}. */
  public static Path folder() {
    return Folders.golden().resolve("bmlhf");
  }

  /** Every file of the folder that holds a network; fails where there is none. */
  public static List<GoldenCase> discover() {
    List<GoldenCase> cases = new ArrayList<>();
    try (Stream<Path> paths = Files.list(folder())) {
      for (Path path : paths.sorted().toList()) {
        if (!path.toString().endsWith(".safetensors")) {
          continue;
        }
        SafetensorsFile file = SafetensorsFile.open(path);
        String config = file.metadata().get("config");
        if (config != null) {
          cases.add(new GoldenCase(file, Json.MAPPER.readTree(config)));
        }
      }
    } catch (JsonProcessingException e) {
      throw new AssertionError("a golden file's config is not JSON", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(cases).as("files with a config in " + folder()).isNotEmpty();
    return cases;
  }

  /** The file's JSON: sizes, α, steps, optimiser. */
  public JsonNode config() {
    return config;
  }

  /** The name of the variant, such as {@code BMLHF-tra}. */
  public String variant() {
    return config.path("variant").asText("BMLHF");
  }

  /** The views, in the order in which modalities join. */
  public List<View> views() {
    List<View> views = new ArrayList<>();
    for (JsonNode view : config.required("views")) {
      views.add(
          new View(
              view.required("name").asText(),
              Modality.of(view.required("modality").asText()),
              Kind.of(view.required("kind").asText()),
              view.required("width").asInt()));
    }
    return views;
  }

  /** The file's sizes and weights, without dropout. */
  public Settings settings() {
    return Schema.of(BmlhfSettings.ALL)
        .defaults()
        .with(BmlhfSettings.WIDTH, config.required("width").asInt())
        .with(BmlhfSettings.HEADS, config.required("heads").asInt())
        .with(BmlhfSettings.FEED_FORWARD, config.required("feed_forward").asInt())
        .with(BmlhfSettings.LAYERS, config.required("layers").asInt())
        .with(BmlhfSettings.ATTENTION, config.required("attention").asInt())
        .with(BmlhfSettings.DROPOUT, 0.0)
        .with(BmlhfSettings.TEMPERATURE, config.required("tau").asDouble())
        .with(BmlhfSettings.ALPHA2, config.required("alpha2").asDouble());
  }

  /** The network with the file's parameters; the caller closes it. */
  public DetectionSystem build() {
    DetectionSystem system =
        Systems.find(variant())
            .create(
                new SystemContext(
                    views(), config.required("classes").asInt(), settings(), 0, Device.cpu()));
    system
        .parameters()
        .forEach(
            (name, parameter) ->
                parameter
                    .toByteBuffer(true)
                    .asFloatBuffer()
                    .put(parameter(name, parameter.getShape())));
    return system;
  }

  /** Whether parameters follow a rule and what would be large is given as a digest. */
  public boolean digested() {
    return config.path("parameters").asText().equals("rule");
  }

  /** How many optimiser steps the file tells of; 0 where it has none. */
  public int steps() {
    return config.path("steps").asInt(0);
  }

  private float[] parameter(String name, Shape shape) {
    if (!digested()) {
      assertThat(file.info("parameter." + name).dimensions())
          .as(this + " parameter." + name)
          .isEqualTo(shape.getShape());
      return file.floats("parameter." + name);
    }
    boolean norm = name.matches(".*\\.norm\\d+\\.(weight|bias)");
    double fan;
    if (norm) {
      fan = 1;
    } else if (shape.dimension() > 1) {
      fan = shape.get(shape.dimension() - 1);
    } else {
      fan = name.endsWith(".bias") ? 16 : shape.get(0);
    }
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      double value = hashed(i, crc.getValue()) / Math.sqrt(fan);
      if (norm) {
        value = (name.endsWith(".weight") ? 1 : 0) + 0.1 * value;
      }
      values[i] = (float) value;
    }
    return values;
  }

  /** The rule of the golden README, in ±1. */
  private static double hashed(long index, long crc) {
    long mask = 0xFFFFFFFFL;
    long h = (index * 2654435761L + crc) & mask;
    h ^= h >>> 16;
    h = (h * 0x45d9f3bL) & mask;
    h ^= h >>> 16;
    return h / 0x1.0p32 * 2 - 1;
  }

  /** The batch, on that manager. */
  public DetectionSystem.Input input(NDManager manager) {
    return new DetectionSystem.Input(
        views().stream()
            .map(
                view ->
                    new DetectionSystem.ViewInput(
                        view,
                        array(manager, "input." + view.name()),
                        file.has("mask." + view.name())
                            ? Optional.of(array(manager, "mask." + view.name()))
                            : Optional.empty()))
            .toList());
  }

  /** The labels as int64, on that manager. */
  public NDArray labels(NDManager manager) {
    long[] labels = labels();
    return manager.create(LongBuffer.wrap(labels), new Shape(labels.length), DataType.INT64);
  }

  /** The labels. */
  public long[] labels() {
    return file.longs("labels");
  }

  private NDArray array(NDManager manager, String name) {
    return manager.create(
        FloatBuffer.wrap(file.floats(name)),
        new Shape(file.info(name).dimensions()),
        DataType.FLOAT32);
  }

  /** Names of the tensors that start so. */
  public List<String> names(String prefix) {
    return file.names().stream().filter(name -> name.startsWith(prefix)).sorted().toList();
  }

  /** A tensor's numbers. */
  public double[] tensor(String name) {
    return file.doubles(name);
  }

  /**
   * Compares with a tensor of the file, which for gradients and later parameters may be a digest.
   *
   * @param tolerance by element, of the actual array
   */
  public void assertClose(String name, float[] actual, IntToDoubleFunction tolerance) {
    double[] expected = tensor(name);
    boolean digest =
        digested()
            && (name.startsWith("gradient.") || name.startsWith("after"))
            && expected.length != actual.length;
    int offset = 0;
    if (digest) {
      double[] sums = new double[DIGEST_SUMS];
      for (float value : actual) {
        sums[0] += value;
        sums[1] += Math.abs(value);
        sums[2] += (double) value * value;
      }
      for (int i = 0; i < DIGEST_SUMS; i++) {
        assertNear(name + " digest " + i, expected[i], sums[i], 1e-5 + 2e-7 * expected[1]);
      }
      offset = DIGEST_SUMS;
    } else {
      assertThat(actual.length).as(this + " " + name + ": elements").isEqualTo(expected.length);
    }
    for (int i = 0; i < expected.length - offset; i++) {
      assertNear(name + "[" + i + "]", expected[i + offset], actual[i], tolerance.applyAsDouble(i));
    }
  }

  private void assertNear(String what, double expected, double actual, double tolerance) {
    if (!(Math.abs(expected - actual) <= tolerance)) {
      throw new AssertionError(
          "%s %s: expected %s, was %s, off by %.3g, allowed %.3g"
              .formatted(this, what, expected, actual, Math.abs(expected - actual), tolerance));
    }
  }

  @Override
  public String toString() {
    return file.path().getFileName().toString();
  }
}
