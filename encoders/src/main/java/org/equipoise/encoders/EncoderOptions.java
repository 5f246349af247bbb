package org.equipoise.encoders;

import java.util.OptionalInt;
import java.util.OptionalLong;

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

  /** Where networks run. */
  public enum Device {
    /** The processor. */
    CPU,
    /** A GPU, by ONNX Runtime's CUDA provider. */
    CUDA
  }

  /** So many threads of the processor, the rest as measured. */
  public static EncoderOptions threads(int threads) {
    return new EncoderOptions(
        threads, OptionalInt.empty(), OptionalInt.empty(), OptionalLong.empty(), Device.CPU);
  }
}
