package org.equipoise.systems;

import ai.djl.Device;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.equipoise.core.View;
import org.equipoise.core.config.Settings;

/**
 * What a system is built for.
 *
 * @param views the features that there are, in order
 * @param classNames a class's number is its place
 * @param events how many events the training posts have; 0 where none is known
 * @param settings the run's configuration
 * @param seed decides the initial parameters
 * @param device where the parameters lie
 */
public record SystemContext(
    List<View> views,
    List<String> classNames,
    int events,
    Settings settings,
    long seed,
    Device device) {
  public SystemContext {
    views = List.copyOf(views);
    classNames = List.copyOf(classNames);
  }

  /** Classes named by their numbers, no events. */
  public SystemContext(List<View> views, int classes, Settings settings, long seed, Device device) {
    this(
        views,
        IntStream.range(0, classes).mapToObj(Integer::toString).toList(),
        0,
        settings,
        seed,
        device);
  }

  /** The number of the class of that name, without regard to case; empty where there is none. */
  public OptionalInt classNumber(String className) {
    return IntStream.range(0, classes())
        .filter(i -> classNames.get(i).equalsIgnoreCase(className))
        .findFirst();
  }

  /** M. */
  public int classes() {
    return classNames.size();
  }
}
