package org.equipoise.cli;

import java.util.Locale;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.equipoise.core.WrongUseException;
import org.equipoise.encoders.EncoderOptions;
import picocli.CommandLine.Option;

/** What encoders may use of the machine. */
class EncodingArguments {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,18})([kmg]?)b?");

  @Option(
      names = "--threads-each",
      paramLabel = "k",
      description =
          "How many of the threads one run of a network takes (default: measured where it pays,"
              + " else 1).")
  private Integer threadsEach;

  @Option(
      names = "--batch",
      paramLabel = "n",
      description = "The most texts or images of one run (default: by the network's size).")
  private Integer batch;

  @Option(
      names = "--memory",
      paramLabel = "512m",
      description =
          "What waiting and remembered features and images may take (default: a quarter of the"
              + " heap).")
  private String memory;

  /** The same, where networks may also run on a GPU. */
  static final class WithDevice extends EncodingArguments {
    @Option(
        names = "--device",
        paramLabel = "cpu|cuda",
        description = "Where networks compute (default: cpu).")
    private String device = EncoderOptions.Device.CPU.id();

    @Override
    EncoderOptions.Device device() {
      return EncoderOptions.Device.of(device);
    }
  }

  EncoderOptions.Device device() {
    return EncoderOptions.Device.CPU;
  }

  /**
   * What was asked for.
   *
   * @throws WrongUseException if a number does not fit
   */
  final EncoderOptions options(int threads) {
    return new EncoderOptions(
        threads,
        threadsEach == null ? OptionalInt.empty() : OptionalInt.of(threadsEach),
        batch == null ? OptionalInt.empty() : OptionalInt.of(batch),
        memory == null ? OptionalLong.empty() : OptionalLong.of(bytes(memory)),
        device());
  }

  private static long bytes(String size) {
    Matcher matcher = SIZE.matcher(size.strip().toLowerCase(Locale.ROOT));
    if (matcher.matches()) {
      int shift = 10 * " kmg".indexOf(matcher.group(2).isEmpty() ? " " : matcher.group(2));
      long number = Long.parseLong(matcher.group(1));
      if (number <= Long.MAX_VALUE >> shift) {
        return number << shift;
      }
    }
    throw new WrongUseException(
        "--memory must be bytes, or a number with k, m or g, such as 512m; not '" + size + "'");
  }
}
