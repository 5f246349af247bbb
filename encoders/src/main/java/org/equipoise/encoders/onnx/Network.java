package org.equipoise.encoders.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.platform.Fp16Conversions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.equipoise.core.WrongUseException;
import org.equipoise.encoders.EncoderOptions.Device;

/**
 * A graph loaded into ONNX Runtime. Opening the same part of the same file twice gives the same
 * weights in memory. Safe for several threads, each run on its own.
 */
final class Network implements AutoCloseable {
  private static final Map<Key, Shared> OPEN = new HashMap<>();

  /**
   * How a network runs.
   *
   * @param threads that one run takes
   * @param device where it runs
   */
  record Options(int threads, Device device) {}

  /** What makes two networks one. */
  private record Key(String file, List<String> inputs, List<String> outputs, Options options) {}

  /** A session and how many use it. */
  private static final class Shared {
    private final OrtSession session;
    private int users = 1;

    Shared(OrtSession session) {
      this.session = session;
    }
  }

  /**
   * What a run is given, in row order.
   *
   * @param name of the input
   * @param shape of the tensor
   * @param integers the values of an input of whole numbers; empty for others
   * @param floats the values of an input of fractions; empty for others
   */
  record Input(String name, long[] shape, Optional<long[]> integers, Optional<float[]> floats) {
    static Input of(String name, long[] values, long... shape) {
      return new Input(name, shape, Optional.of(values), Optional.empty());
    }

    static Input of(String name, float[] values, long... shape) {
      return new Input(name, shape, Optional.empty(), Optional.of(values));
    }
  }

  /**
   * What a run gave.
   *
   * @param values in row order
   * @param shape of the tensor
   */
  record Output(float[] values, long[] shape) {}

  private final String name;
  private final Optional<Key> key;
  private final OrtSession session;
  private final Map<String, TensorInfo> inputs;
  private final Queue<ByteBuffer> buffers = new ConcurrentLinkedQueue<>();

  private Network(String name, Optional<Key> key, OrtSession session) {
    this.name = name;
    this.key = key;
    this.session = session;
    this.inputs = inputs(session);
  }

  /**
   * Loads the part of a file that some outputs need.
   *
   * @param graph of the file
   * @param outputs what will be asked of it
   * @throws WrongUseException if the runtime cannot load it or the device is not there
   */
  static Network open(Path file, OnnxGraph graph, List<String> outputs, Options options) {
    OnnxGraph part = graph.cut(outputs);
    Key key =
        new Key(
            file.toAbsolutePath().normalize().toString(),
            part.inputNames(),
            part.outputNames(),
            options);
    synchronized (OPEN) {
      Shared shared = OPEN.get(key);
      if (shared == null) {
        shared = new Shared(load(file, graph, part, options));
        OPEN.put(key, shared);
      } else {
        shared.users++;
      }
      return new Network(graph.name(), Optional.of(key), shared.session);
    }
  }

  /**
   * Loads bytes.
   *
   * @param name what they are, for messages
   */
  static Network of(String name, byte[] graph, Options options) {
    try (OrtSession.SessionOptions sessionOptions = sessionOptions(options)) {
      return new Network(
          name, Optional.empty(), environment().createSession(graph, sessionOptions));
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot load " + name, e);
    }
  }

  private static OrtSession load(Path file, OnnxGraph graph, OnnxGraph part, Options options) {
    try (OrtSession.SessionOptions sessionOptions = sessionOptions(options)) {
      if (part == graph) {
        return environment().createSession(file.toString(), sessionOptions);
      }
      sessionOptions.addConfigEntry(
          "session.model_external_initializers_file_folder_path",
          String.valueOf(file.toAbsolutePath().getParent()));
      return environment().createSession(part.bytes(), sessionOptions);
    } catch (OrtException e) {
      throw refused(graph, e);
    }
  }

  private static WrongUseException refused(OnnxGraph graph, OrtException e) {
    String why = e.getMessage().lines().findFirst().orElse("");
    String lower = why.toLowerCase(Locale.ROOT);
    if (lower.contains("opset") || lower.contains("ir version")) {
      return new WrongUseException(
          ("%s is of operator sets %s, newer than this program's ONNX Runtime %s knows: export it"
                  + " again with an older one (optimum-cli export onnx --opset 17 ...), or use a"
                  + " newer version of the program (%s)")
              .formatted(graph.name(), graph.opsets(), environment().getVersion(), why),
          e);
    }
    return new WrongUseException(
        ("ONNX Runtime cannot load %s: %s. If the file may be damaged, delete it and fetch or"
                + " export it again")
            .formatted(graph.name(), why),
        e);
  }

  private static OrtEnvironment environment() {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try {
      environment.setTelemetry(false);
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot be told to send nothing", e);
    }
    return environment;
  }

  private static OrtSession.SessionOptions sessionOptions(Options options) throws OrtException {
    OrtSession.SessionOptions session = new OrtSession.SessionOptions();
    try {
      session.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      session.setIntraOpNumThreads(options.threads);
      session.setInterOpNumThreads(1);
      session.addConfigEntry("session.intra_op.allow_spinning", "0");
      // what fails is told by an exception; the runtime would print it as well
      session.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      // texts come in every length, so a remembered memory layout is seldom used twice
      session.setMemoryPatternOptimization(false);
      if (options.device == Device.CUDA) {
        addCuda(session);
      }
      return session;
    } catch (OrtException | RuntimeException e) {
      session.close();
      throw e;
    }
  }

  private static void addCuda(OrtSession.SessionOptions session) {
    try {
      session.addCUDA();
    } catch (OrtException e) {
      throw new WrongUseException(
          "no CUDA here: this build of ONNX Runtime runs on the processor alone, or finds no GPU"
              + " with CUDA. Build Equipoise with 'mvn -Pcuda package' on a machine with CUDA, or"
              + " leave out --device cuda ("
              + e.getMessage().lines().findFirst().orElse("")
              + ")",
          e);
    }
  }

  private static Map<String, TensorInfo> inputs(OrtSession session) {
    Map<String, TensorInfo> inputs = new LinkedHashMap<>();
    try {
      session
          .getInputInfo()
          .forEach(
              (input, info) -> {
                if (info.getInfo() instanceof TensorInfo tensor) {
                  inputs.put(input, tensor);
                }
              });
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot tell a graph's inputs", e);
    }
    return inputs;
  }

  /** What it is called in messages. */
  String name() {
    return name;
  }

  /** Names of what a run must be given. */
  Set<String> inputNames() {
    return inputs.keySet();
  }

  /** The shape of an input; -1 where any length will do. */
  long[] inputShape(String input) {
    return inputs.get(input).getShape();
  }

  /**
   * Runs it once.
   *
   * @param given a tensor for each input
   * @param wanted names of outputs
   * @return the outputs, as {@code wanted} lists them
   */
  List<Output> run(List<Input> given, List<String> wanted) {
    Map<String, OnnxTensor> tensors = new HashMap<>();
    List<ByteBuffer> taken = new ArrayList<>();
    try {
      for (Input input : given) {
        tensors.put(input.name, tensor(input, taken));
      }
      try (OrtSession.Result result = session.run(tensors, new LinkedHashSet<>(wanted))) {
        List<Output> outputs = new ArrayList<>();
        for (String output : wanted) {
          outputs.add(output(output, result));
        }
        return outputs;
      }
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime failed on " + name + ": " + e.getMessage(), e);
    } finally {
      tensors.values().forEach(OnnxTensor::close);
      buffers.addAll(taken);
    }
  }

  private Output output(String output, OrtSession.Result result) {
    if (!(result.get(output).orElseThrow() instanceof OnnxTensor tensor)) {
      throw new WrongUseException(
          "output '%s' of %s is no tensor; name another with 'output'".formatted(output, name));
    }
    FloatBuffer values = tensor.getFloatBuffer();
    if (values == null) {
      throw new WrongUseException(
          "output '%s' of %s holds %s, not numbers that can be features; name another with 'output'"
              .formatted(output, name, tensor.getInfo().type));
    }
    float[] array = new float[values.remaining()];
    values.get(array);
    return new Output(array, tensor.getInfo().getShape());
  }

  /** A tensor over memory outside the heap, which the runtime reads without a copy. */
  private OnnxTensor tensor(Input input, List<ByteBuffer> taken) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    OnnxJavaType type = inputs.get(input.name).type;
    if (type == OnnxJavaType.INT64 && input.integers.isPresent()) {
      long[] values = input.integers.get();
      LongBuffer buffer = buffer((long) values.length * Long.BYTES, taken).asLongBuffer();
      return OnnxTensor.createTensor(environment, buffer.put(values).flip(), input.shape);
    }
    if (type == OnnxJavaType.INT32 && input.integers.isPresent()) {
      long[] values = input.integers.get();
      IntBuffer buffer = buffer((long) values.length * Integer.BYTES, taken).asIntBuffer();
      for (long value : values) {
        buffer.put((int) value);
      }
      return OnnxTensor.createTensor(environment, buffer.flip(), input.shape);
    }
    if (type == OnnxJavaType.FLOAT && input.floats.isPresent()) {
      float[] values = input.floats.get();
      FloatBuffer buffer = buffer((long) values.length * Float.BYTES, taken).asFloatBuffer();
      return OnnxTensor.createTensor(environment, buffer.put(values).flip(), input.shape);
    }
    if (type == OnnxJavaType.FLOAT16 && input.floats.isPresent()) {
      float[] values = input.floats.get();
      ShortBuffer buffer = buffer((long) values.length * Short.BYTES, taken).asShortBuffer();
      for (float value : values) {
        buffer.put(Fp16Conversions.floatToFp16(value));
      }
      return OnnxTensor.createTensor(environment, buffer.flip(), input.shape, OnnxJavaType.FLOAT16);
    }
    throw new WrongUseException(
        "input '%s' of %s takes %s, which this program cannot give it"
            .formatted(input.name, name, type));
  }

  private ByteBuffer buffer(long bytes, List<ByteBuffer> taken) {
    ByteBuffer buffer = buffers.poll();
    if (buffer == null || buffer.capacity() < bytes) {
      buffer = ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
    }
    taken.add(buffer);
    return buffer.clear();
  }

  @Override
  public void close() {
    synchronized (OPEN) {
      if (key.isPresent()) {
        Shared shared = OPEN.get(key.get());
        if (--shared.users > 0) {
          return;
        }
        OPEN.remove(key.get());
      }
    }
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot close " + name, e);
    }
  }
}
