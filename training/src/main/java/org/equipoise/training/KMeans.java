package org.equipoise.training;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.hipparchus.clustering.CentroidCluster;
import org.hipparchus.clustering.DoublePoint;
import org.hipparchus.clustering.KMeansPlusPlusClusterer;
import org.hipparchus.clustering.distance.EuclideanDistance;
import org.hipparchus.random.Well19937c;

/** K-means with the start of Arthur and Vassilvitskii (2007). */
public final class KMeans {
  private static final int MOST_ITERATIONS = 100;

  private KMeans() {}

  /**
   * Puts each point into a cluster; the same arguments give the same clusters.
   *
   * @param points {@code [N][d]}
   * @param clusters how many; no more than there are points are made
   * @return cluster numbers from 0, {@code [N]}
   */
  public static int[] of(double[][] points, int clusters, long seed) {
    List<DoublePoint> all =
        IntStream.range(0, points.length).mapToObj(i -> new DoublePoint(points[i])).toList();
    List<CentroidCluster<DoublePoint>> found =
        new KMeansPlusPlusClusterer<DoublePoint>(
                Math.min(clusters, points.length),
                MOST_ITERATIONS,
                new EuclideanDistance(),
                new Well19937c(seed),
                KMeansPlusPlusClusterer.EmptyClusterStrategy.FARTHEST_POINT)
            .cluster(all);
    Map<DoublePoint, Integer> numbers = new IdentityHashMap<>();
    for (int c = 0; c < found.size(); c++) {
      for (DoublePoint point : found.get(c).getPoints()) {
        numbers.put(point, c);
      }
    }
    return all.stream().mapToInt(numbers::get).toArray();
  }
}
