package org.equipoise.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.equipoise.media.BrokenImageException;
import org.equipoise.media.ImageDecoder;

/**
 * Equipoise's side of {@code benchmarks/peers/decode.py}: decodes and prepares images as often as
 * it is told to, and prints the seconds each time, by the clock and of all processors.
 *
 * <p>Arguments: threads, edge, {@code exact} or {@code crop}. Standard input: the files, one a
 * line, an empty line, and then an empty line for each pass.
 */
public final class PreparationPeer {
  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private PreparationPeer() {}

  public static void main(String[] arguments)
      throws IOException, InterruptedException, ExecutionException {
    int threads = Integer.parseInt(arguments[0]);
    PreparedPixels prepared =
        new PreparedPixels(Integer.parseInt(arguments[1]), arguments[2].equals("crop"));
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    List<Path> files = new ArrayList<>();
    for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
      files.add(Path.of(line));
    }
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    while (in.readLine() != null) {
      long start = System.nanoTime();
      long cpu = PROCESS.getProcessCpuTime();
      AtomicInteger next = new AtomicInteger();
      List<Callable<Integer>> passes = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        passes.add(() -> prepare(files, next, prepared));
      }
      for (Future<Integer> pass : pool.invokeAll(passes)) {
        pass.get();
      }
      System.out.println(
          (System.nanoTime() - start) / 1e9 + " " + (PROCESS.getProcessCpuTime() - cpu) / 1e9);
    }
    pool.shutdown();
  }

  /** Takes files until none is left and returns how many values that made. */
  private static int prepare(List<Path> files, AtomicInteger next, PreparedPixels prepared)
      throws BrokenImageException {
    ImageDecoder decoder = new ImageDecoder();
    int values = 0;
    for (int i = next.getAndIncrement(); i < files.size(); i = next.getAndIncrement()) {
      values += prepared.of(decoder.decode(files.get(i))).length;
    }
    return values;
  }
}
