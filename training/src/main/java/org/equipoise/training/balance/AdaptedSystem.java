package org.equipoise.training.balance;

import ai.djl.ndarray.NDArray;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.equipoise.core.View;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.layers.Parameters;

/**
 * A system with parts of a balancer's own, whose parameters are learnt and stored with the
 * system's. As it stands it does what the system does; balancers override {@link #forward} or
 * {@link #losses}.
 */
abstract class AdaptedSystem implements DetectionSystem {
  private final DetectionSystem inner;
  private final Set<String> hidden;
  private final Parameters own;

  /**
   * Wraps a system.
   *
   * @param hidden names of its parameters that nothing reads any longer
   */
  AdaptedSystem(DetectionSystem inner, SystemContext context, List<String> hidden) {
    this.inner = inner;
    this.hidden = Set.copyOf(hidden);
    own = new Parameters(context.seed(), context.device());
  }

  /** The system as it was. */
  DetectionSystem inner() {
    return inner;
  }

  /** The balancer's own; names start with {@code balancer.}. */
  Parameters own() {
    return own;
  }

  @Override
  public String name() {
    return inner.name();
  }

  @Override
  public List<View> views() {
    return inner.views();
  }

  @Override
  public int classes() {
    return inner.classes();
  }

  @Override
  public Map<String, NDArray> parameters() {
    Map<String, NDArray> all = new LinkedHashMap<>(inner.parameters());
    all.keySet().removeAll(hidden);
    all.putAll(own.byName());
    return Collections.unmodifiableMap(all);
  }

  @Override
  public Map<String, NDArray> buffers() {
    Map<String, NDArray> all = new LinkedHashMap<>(inner.buffers());
    all.putAll(own.kept());
    return Collections.unmodifiableMap(all);
  }

  @Override
  public Map<String, List<String>> branches() {
    return inner.branches();
  }

  @Override
  public Map<String, Double> rates() {
    return inner.rates();
  }

  @Override
  public List<String> warnings() {
    return inner.warnings();
  }

  @Override
  public void resetScaling() {
    inner.resetScaling();
  }

  @Override
  public void rescale(double[] recalls, int[] posts) {
    inner.rescale(recalls, posts);
  }

  @Override
  public Output forward(Input input, boolean training) {
    return inner.forward(input, training);
  }

  @Override
  public Losses losses(Output output, Targets targets) {
    return inner.losses(output, targets);
  }

  @Override
  public void close() {
    own.close();
    inner.close();
  }
}
