package org.equipoise.lab.bootstrap;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.equipoise.core.metrics.Confusion;

/**
 * 95 % intervals by a percentile bootstrap over clusters: as many clusters as there are, drawn with
 * replacement, give one resampled figure (Efron and Tibshirani, An Introduction to the Bootstrap,
 * 1993, chapters 8 and 13). The same seed gives the same intervals.
 *
 * @param clusters what was drawn
 * @param clusterCount how many of them there are
 * @param resamples how often
 * @param accuracy of the model
 * @param macroF1 of the model
 * @param aboveFloors by floor: the model's figure minus the floor's on the same posts; a floor is
 *     beaten beyond chance where the whole interval is above 0
 */
public record Bootstrap(
    Clusters.By clusters,
    int clusterCount,
    int resamples,
    Interval accuracy,
    Interval macroF1,
    Map<String, Difference> aboveFloors) {

  /** How often clusters are drawn. */
  public static final int RESAMPLES = 2000;

  /** Model minus floor. */
  public record Difference(Interval accuracy, Interval macroF1) {}

  /**
   * Resamples.
   *
   * @param classes the classes' names
   * @param labels class numbers
   * @param predictions the model's class numbers
   * @param floors by name, each floor's class numbers
   */
  public static Bootstrap of(
      List<String> classes,
      int[] labels,
      int[] predictions,
      Map<String, int[]> floors,
      Clusters clusters,
      long seed) {
    List<int[]> answers = new ArrayList<>();
    answers.add(predictions);
    answers.addAll(floors.values());
    Tally tally = Tally.of(classes.size(), labels, answers, clusters);
    double[][] accuracy = new double[answers.size()][RESAMPLES];
    double[][] macroF1 = new double[answers.size()][RESAMPLES];
    SplittableRandom random = new SplittableRandom(seed);
    for (int r = 0; r < RESAMPLES; r++) {
      long[] counts = tally.draw(random);
      for (int a = 0; a < answers.size(); a++) {
        Confusion confusion = tally.confusion(classes, counts, a);
        accuracy[a][r] = confusion.accuracy();
        macroF1[a][r] = confusion.macroF1();
      }
    }
    Map<String, Difference> differences = new LinkedHashMap<>();
    int a = 1;
    for (String floor : floors.keySet()) {
      differences.put(
          floor,
          new Difference(
              Interval.of(minus(accuracy[0], accuracy[a])),
              Interval.of(minus(macroF1[0], macroF1[a]))));
      a++;
    }
    return new Bootstrap(
        clusters.by(),
        clusters.count(),
        RESAMPLES,
        Interval.of(accuracy[0]),
        Interval.of(macroF1[0]),
        Collections.unmodifiableMap(differences));
  }

  private static double[] minus(double[] a, double[] b) {
    double[] difference = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      difference[i] = a[i] - b[i];
    }
    return difference;
  }

  /**
   * The counts that a cluster adds to each answer's confusion, {@code [A, M, M]}. Clusters that add
   * the same (single posts, mostly) share a row, so that a draw is one increment.
   */
  private record Tally(int classes, int answers, int[] rowOfCluster, int[][] rows) {
    static Tally of(int classes, int[] labels, List<int[]> answers, Clusters clusters) {
      int[][] counts = new int[clusters.count()][answers.size() * classes * classes];
      for (int i = 0; i < labels.length; i++) {
        int[] row = counts[clusters.ids()[i]];
        for (int a = 0; a < answers.size(); a++) {
          row[(a * classes + labels[i]) * classes + answers.get(a)[i]]++;
        }
      }
      Map<List<Integer>, Integer> known = new HashMap<>();
      List<int[]> rows = new ArrayList<>();
      int[] rowOfCluster = new int[counts.length];
      for (int c = 0; c < counts.length; c++) {
        List<Integer> key = Arrays.stream(counts[c]).boxed().toList();
        Integer row = known.putIfAbsent(key, rows.size());
        if (row == null) {
          rows.add(counts[c]);
        }
        rowOfCluster[c] = row == null ? rows.size() - 1 : row;
      }
      return new Tally(classes, answers.size(), rowOfCluster, rows.toArray(int[][]::new));
    }

    long[] draw(SplittableRandom random) {
      int[] times = new int[rows.length];
      for (int i = 0; i < rowOfCluster.length; i++) {
        times[rowOfCluster[random.nextInt(rowOfCluster.length)]]++;
      }
      long[] counts = new long[answers * classes * classes];
      for (int row = 0; row < rows.length; row++) {
        for (int j = 0; j < counts.length && times[row] > 0; j++) {
          counts[j] += (long) times[row] * rows[row][j];
        }
      }
      return counts;
    }

    Confusion confusion(List<String> names, long[] counts, int answer) {
      List<List<Integer>> table = new ArrayList<>();
      for (int label = 0; label < classes; label++) {
        List<Integer> row = new ArrayList<>();
        for (int prediction = 0; prediction < classes; prediction++) {
          row.add(Math.toIntExact(counts[(answer * classes + label) * classes + prediction]));
        }
        table.add(row);
      }
      return new Confusion(names, table);
    }
  }
}
