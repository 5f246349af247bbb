package org.equipoise.cli;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How many cores other programs leave. Networks whose threads outnumber the free cores run many
 * times slower, for all wait on the slowest.
 */
final class FreeCores {
  private static final int SAMPLE_MILLISECONDS = 150;

  private FreeCores() {}

  /** At least 1. */
  static int count() {
    int cores = Runtime.getRuntime().availableProcessors();
    if (cores == 1
        || !(ManagementFactory.getOperatingSystemMXBean()
            instanceof OperatingSystemMXBean system)) {
      return cores;
    }
    // the first call only begins the measurement
    system.getCpuLoad();
    system.getProcessCpuLoad();
    try {
      Thread.sleep(SAMPLE_MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return cores;
    }
    return count(cores, system.getCpuLoad(), system.getProcessCpuLoad());
  }

  /**
   * @param cores of the machine
   * @param load share of all cores in use, 0 to 1; negative where unknown
   * @param own this process's part of it
   */
  static int count(int cores, double load, double own) {
    if (!(load >= 0) || !(own >= 0)) {
      return cores;
    }
    double others = Math.max(0, load - own) * cores;
    return (int) Math.max(1, Math.min(cores, Math.round(cores - others)));
  }
}
