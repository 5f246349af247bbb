package org.equipoise.systems;

import ai.djl.Device;
import java.util.List;
import org.equipoise.core.View;
import org.equipoise.core.config.Settings;

/**
 * What a system is built for.
 *
 * @param views the features that there are, in order
 * @param classes M
 * @param settings the run's configuration
 * @param seed decides the initial parameters
 * @param device where the parameters lie
 */
public record SystemContext(
    List<View> views, int classes, Settings settings, long seed, Device device) {
  public SystemContext {
    views = List.copyOf(views);
  }
}
