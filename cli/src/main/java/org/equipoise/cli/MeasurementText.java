package org.equipoise.cli;

import java.util.List;
import java.util.Locale;
import org.equipoise.lab.bench.DecodeMeasurement;
import org.equipoise.lab.bench.EncodeMeasurement;
import org.equipoise.lab.bench.Measurement;
import org.equipoise.lab.bench.Samples;

/** What a benchmark found, for people or for programs. */
final class MeasurementText {
  private MeasurementText() {}

  static void print(Measurement measurement, boolean json, Console console) {
    if (json) {
      console.json(measurement.toJson());
    } else {
      lines(measurement).forEach(console::line);
    }
  }

  static void print(EncodeMeasurement encode, boolean json, Console console) {
    if (json) {
      console.json(encode.toJson());
      return;
    }
    lines(encode.measurement()).forEach(console::line);
    TextTable stages = new TextTable();
    stages.row("stage", "milliseconds", "share", "its threads busy", "items");
    encode
        .stages()
        .forEach(
            (name, use) ->
                stages.row(
                    "  " + name,
                    figure(use.milliseconds()),
                    percent(use.share()),
                    percent(use.busy()),
                    count(use.items())));
    encode
        .views()
        .forEach(
            (name, use) ->
                stages.row(
                    "  infer " + name,
                    figure(use.inferMilliseconds()),
                    "",
                    "",
                    count(use.items())
                        + (use.tokens() == 0 ? "" : ", " + count(use.tokens()) + " tokens")));
    stages.lines().forEach(console::line);
    console.line("bottleneck: " + encode.bottleneck());
    encode
        .perSecond()
        .forEach(
            (what, rate) ->
                console.line(figure(rate) + " " + what.replace('_', ' ') + " a second"));
    console.line("threads of each run: " + encode.threadsEach());
  }

  static void print(DecodeMeasurement decode, boolean json, Console console) {
    if (json) {
      console.json(decode.toJson());
      return;
    }
    lines(decode.measurement()).forEach(console::line);
    TextTable formats = new TextTable();
    formats.row("a second", "images", "decode", "prepare");
    decode
        .formats()
        .forEach(
            (name, rate) ->
                formats.row(
                    "  " + name,
                    count(rate.images()),
                    figure(rate.decodePerSecond()),
                    figure(rate.preparePerSecond())));
    formats.row("  all", "", figure(decode.decodePerSecond()), figure(decode.preparePerSecond()));
    formats.lines().forEach(console::line);
    if (decode.unusable() > 0) {
      console.line(count(decode.unusable()) + " files are broken or no pictures");
    }
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static List<String> lines(Measurement measurement) {
    TextTable table = new TextTable();
    table.row("milliseconds", "min", "median", "95 %", "");
    table.row(
        cells(
            measurement.name(),
            measurement.milliseconds(),
            String.format(
                Locale.ROOT,
                "%,.1f a second, %d threads, %d repeats",
                measurement.perSecond(),
                measurement.threads(),
                measurement.repeats())));
    measurement.parts().forEach((name, part) -> table.row(cells("  " + name, part, "")));
    return table.lines();
  }

  private static Object[] cells(String name, Samples.Summary summary, String more) {
    return new Object[] {
      name, figure(summary.min()), figure(summary.median()), figure(summary.p95()), more
    };
  }

  private static String figure(double milliseconds) {
    return String.format(Locale.ROOT, "%,.1f", milliseconds);
  }
}
