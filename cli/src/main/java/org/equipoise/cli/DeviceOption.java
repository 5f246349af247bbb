package org.equipoise.cli;

import java.util.List;
import java.util.function.Function;
import org.equipoise.core.Names;
import org.equipoise.core.WrongUseException;
import picocli.CommandLine.Option;

/** Where networks compute. */
final class DeviceOption {
  private static final String CPU = "cpu";
  private static final List<String> DEVICES = List.of(CPU, "cuda");

  @Option(
      names = "--device",
      paramLabel = "cpu|cuda",
      description = "Where networks compute (default: cpu).")
  private String device = CPU;

  /**
   * @throws WrongUseException if the device is unknown, or this build cannot use it
   */
  void require() {
    if (!Names.choose("device", device, DEVICES, Function.identity()).equals(CPU)) {
      throw new WrongUseException(
          "--device " + device + ": this build brings the networks' natives for the CPU alone");
    }
  }
}
