package org.equipoise.cli;

import java.util.List;
import java.util.Locale;
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
