package org.equipoise.encoders;

import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.equipoise.core.Names;
import org.equipoise.core.WrongUseException;

/**
 * What encoders may use of the machine.
 *
 * @param threads for all encoders together
 * @param threadsEach how many of them one run of a network takes; empty: measured
 * @param batchSize the most contents of one run of a network; empty: by the network's own measure
 * @param memory bytes that waiting contents and remembered features may take; empty: a share of the
 *     heap
 * @param device where networks run
 */
public record EncoderOptions(
    int threads,
    OptionalInt threadsEach,
    OptionalInt batchSize,
    OptionalLong memory,
    Device device) {
  private static final long LEAST_MEMORY = 16L << 20;

  /** Where networks run. */
  public enum Device {
    /** The processor. */
    CPU,
    /** A GPU, by ONNX Runtime's CUDA provider. */
    CUDA;

    /** The name on the command line and in files. */
    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The device of that name.
     *
     * @throws WrongUseException if there is none
     */
    public static Device of(String name) {
      return Names.choose("device", name, List.of(values()), Device::id);
    }
  }

  /**
   * @throws WrongUseException if a number is not at least 1, or a run would take more threads than
   *     there are
   */
  public EncoderOptions {
    if (threads < 1) {
      throw new WrongUseException("threads must be at least 1, not " + threads);
    }
    if (threadsEach.isPresent()
        && (threadsEach.getAsInt() < 1 || threadsEach.getAsInt() > threads)) {
      throw new WrongUseException(
          "threads of each run must be from 1 to the %d of all, not %d"
              .formatted(threads, threadsEach.getAsInt()));
    }
    if (batchSize.isPresent() && batchSize.getAsInt() < 1) {
      throw new WrongUseException("a batch must hold at least 1, not " + batchSize.getAsInt());
    }
    if (memory.isPresent() && memory.getAsLong() < LEAST_MEMORY) {
      throw new WrongUseException(
          "encoders need at least %d MiB of memory, not %,d bytes"
              .formatted(LEAST_MEMORY >> 20, memory.getAsLong()));
    }
  }

  /** The same with another number of threads; a run takes no more than there are. */
  public EncoderOptions withThreads(int number) {
    OptionalInt each =
        threadsEach.isPresent()
            ? OptionalInt.of(Math.min(number, threadsEach.getAsInt()))
            : threadsEach;
    return new EncoderOptions(number, each, batchSize, memory, device);
  }

  /** The same with another number of threads for each run of a network. */
  public EncoderOptions withThreadsEach(int number) {
    return new EncoderOptions(threads, OptionalInt.of(number), batchSize, memory, device);
  }

  /** So many threads of the processor, the rest as measured. */
  public static EncoderOptions threads(int threads) {
    return new EncoderOptions(
        threads, OptionalInt.empty(), OptionalInt.empty(), OptionalLong.empty(), Device.CPU);
  }
}
