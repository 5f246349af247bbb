package org.equipoise.systems.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtEngine;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.equipoise.core.Names;
import org.equipoise.core.WrongUseException;

/** Starts the tensor engine (PyTorch by way of DJL) as every part of Equipoise wants it. */
public final class Engines {
  /** Computing on the processor. */
  public static final String CPU = "cpu";

  /** Computing on the first NVIDIA GPU. */
  public static final String CUDA = "cuda";

  private static final List<String> DEVICES = List.of(CPU, CUDA);

  static {
    // Without these DJL tells its vendor that it was started, and looks for newer natives.
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("ai.djl.offline", "true");
  }

  private Engines() {}

  /**
   * Starts the engine, or changes the number of threads of one that runs. One process has one
   * number: whoever comes last decides.
   *
   * @param threads how many threads one operation may use, at least 1
   * @param device {@link #CPU} or {@link #CUDA}, without regard to case
   * @return the device that managers are to be made for
   * @throws WrongUseException if there is no such device, or it is not usable on this machine
   */
  public static Device start(int threads, String device) {
    if (threads < 1) {
      throw new WrongUseException("threads: " + threads + " given, at least 1 is needed");
    }
    String chosen = Names.choose("device", device, DEVICES, Function.identity());
    Engine engine = engine();
    JniUtils.setNumThreads(threads);
    if (chosen.equals(CPU)) {
      return Device.cpu();
    }
    if (engine.getGpuCount() == 0) {
      throw new WrongUseException(
          "device cuda: this build's PyTorch finds no NVIDIA GPU; "
              + "use --device cpu, or build with the profile that brings CUDA natives");
    }
    return Device.gpu();
  }

  /** Starts the engine on the processor. */
  public static Device start(int threads) {
    return start(threads, CPU);
  }

  /**
   * Sets the state of the engine's own random numbers, which dropout draws from. The same seed,
   * device and number of threads give the same draws.
   */
  public static void seed(long seed) {
    engine();
    JniUtils.setSeed(seed);
  }

  /**
   * Runs work that wants no gradients, such as scoring, without recording how results came about.
   * Recording is a property of each thread, and on in a new one.
   */
  public static <T> T withoutGradients(Supplier<T> work) {
    engine();
    boolean recording = JniUtils.isGradMode();
    JniUtils.setGradMode(false);
    try {
      return work.get();
    } finally {
      JniUtils.setGradMode(recording);
    }
  }

  /**
   * Adds the gradient of a loss to the gradients of what it depends on, inside a gradient collector
   * or where recording is on. Unlike the collector's own way it can leave the graph as it is, so
   * that another loss of the same graph can follow.
   *
   * @param keepGraph whether another backward pass follows
   */
  public static void backward(NDArray loss, boolean keepGraph) {
    try (NDArray one = loss.onesLike()) {
      JniUtils.backward((PtNDArray) loss, (PtNDArray) one, keepGraph, false);
    }
  }

  private static Engine engine() {
    try {
      return Engine.getEngine(PtEngine.ENGINE_NAME);
    } catch (EngineException e) {
      throw new WrongUseException(
          "PyTorch's native libraries do not load on this machine (%s, %s): %s"
              .formatted(
                  System.getProperty("os.name"), System.getProperty("os.arch"), e.getMessage()),
          e);
    }
  }
}
