package org.equipoise.systems.golden;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.equipoise.core.safetensors.SafetensorsFile;
import org.equipoise.testing.Folders;

/** One file of the golden vectors of systems and balancers; see their README for the names. */
public final class GoldenFile {
  private static final double RELATIVE = 1e-5;
  private static final double LEAST = 1e-7;
  private static final String GRADIENT = "gradient.";

  private final SafetensorsFile file;

  private GoldenFile(SafetensorsFile file) {
    this.file = file;
  }

  /** The item's files: that of its name and numbered ones; fails where there is none. */
  public static List<GoldenFile> discover(String item) {
    Path folder = Folders.golden().resolve("systems");
    try (Stream<Path> paths = Files.list(folder)) {
      List<GoldenFile> files =
          paths
              .filter(
                  path -> path.getFileName().toString().matches(item + "(_\\d+)?\\.safetensors"))
              .sorted()
              .map(path -> new GoldenFile(SafetensorsFile.open(path)))
              .toList();
      assertThat(files).as(item + " in " + folder).isNotEmpty();
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether there is such a tensor. */
  public boolean has(String name) {
    return file.has(name);
  }

  /** How long one axis of a tensor is. */
  public int size(String name, int axis) {
    return (int) file.info(name).dimensions()[axis];
  }

  /** A hyperparameter. */
  public double constant(String name) {
    return file.doubles("constant." + name)[0];
  }

  /** A float tensor as an array of that manager. */
  public NDArray array(NDManager manager, String name) {
    return manager.create(
        FloatBuffer.wrap(file.floats(name)),
        new Shape(file.info(name).dimensions()),
        DataType.FLOAT32);
  }

  /** An integer tensor as an array of that manager. */
  public NDArray integers(NDManager manager, String name) {
    return manager.create(
        LongBuffer.wrap(file.longs(name)), new Shape(file.info(name).dimensions()), DataType.INT64);
  }

  /** A float tensor's numbers, row by row. */
  public double[] doubles(String name) {
    return file.doubles(name);
  }

  /** An integer tensor. */
  public long[] longs(String name) {
    return file.longs(name);
  }

  /** Names of the tensors that start so, without that start. */
  public List<String> names(String prefix) {
    return file.names().stream()
        .filter(name -> name.startsWith(prefix))
        .map(name -> name.substring(prefix.length()))
        .sorted()
        .toList();
  }

  /**
   * Gives arrays the file's numbers: {@code parameter.<name>}. The probe, which measures and moves
   * nothing, is not part of the published networks and keeps its own.
   */
  public void fillParameters(Map<String, NDArray> parameters) {
    Map<String, NDArray> published = new LinkedHashMap<>(parameters);
    published.keySet().removeIf(name -> name.startsWith("probe"));
    fill("parameter.", published);
  }

  /** Gives the running figures of normalisations the file's numbers: {@code input.<name>}. */
  public void fillBuffers(Map<String, NDArray> buffers) {
    fill("input.", buffers);
  }

  private void fill(String prefix, Map<String, NDArray> arrays) {
    arrays.forEach(
        (name, array) -> {
          assertThat(file.info(prefix + name).dimensions())
              .as(this + " " + prefix + name)
              .isEqualTo(array.getShape().getShape());
          array.toByteBuffer(true).asFloatBuffer().put(file.floats(prefix + name));
        });
  }

  /** How long one axis of each tensor is. */
  public List<Integer> sizes(int axis, String... names) {
    return Stream.of(names).map(name -> size(name, axis)).toList();
  }

  /** Compares with a tensor of the file. */
  public void assertClose(String name, NDArray actual) {
    assertThat(actual.getShape().getShape())
        .as(this + " " + name)
        .isEqualTo(file.info(name).dimensions());
    assertClose(name, actual.toFloatArray());
  }

  /** Compares with a tensor of the file, whatever its shape. */
  public void assertClose(String name, double... actual) {
    float[] rounded = new float[actual.length];
    for (int i = 0; i < actual.length; i++) {
      rounded[i] = (float) actual[i];
    }
    assertClose(name, rounded);
  }

  private void assertClose(String name, float[] actual) {
    double[] expected = file.doubles(name);
    double largest = 0;
    for (double value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    double tolerance = Math.max(LEAST, RELATIVE * largest);
    assertThat(actual.length).as(this + " " + name).isEqualTo(expected.length);
    for (int i = 0; i < expected.length; i++) {
      if (!(Math.abs(expected[i] - actual[i]) <= tolerance)) {
        throw new AssertionError(
            "%s %s[%d]: expected %s, was %s, allowed %.3g"
                .formatted(this, name, i, expected[i], actual[i], tolerance));
      }
    }
  }

  /** Compares every gradient of the file with that of the array of its name. */
  public void assertGradients(Map<String, NDArray> arrays) {
    assertGradients(GRADIENT, arrays);
  }

  /** The same for gradients that start so. */
  public void assertGradients(String prefix, Map<String, NDArray> arrays) {
    List<String> names = names(prefix).stream().filter(arrays::containsKey).toList();
    assertThat(names).as(this + " gradients").isNotEmpty();
    for (String name : names) {
      try (NDArray gradient = arrays.get(name).getGradient()) {
        assertClose(prefix + name, gradient.toFloatArray());
      }
    }
  }

  @Override
  public String toString() {
    return file.path().getFileName().toString();
  }
}
