package org.equipoise.training.balance;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.engine.Engines;
import org.equipoise.systems.layers.Concatenation;
import org.equipoise.systems.layers.Scaling;

/**
 * What a balancer holds against each other, by name: a system's modalities, each the sum of its
 * views, or the views themselves.
 */
public final class Units {
  /** Whether modalities or views are balanced. */
  public static final Setting<String> UNIT =
      Setting.choice(
          "balancer.unit",
          "modality",
          List.of("modality", "view"),
          "What balancers other than mib hold against each other: modalities, whose views are joined,"
              + " or views");

  private final Map<String, List<View>> views;

  private Units(Map<String, List<View>> views) {
    this.views = Collections.unmodifiableMap(views);
  }

  /** The modalities or views of a system, in its order. */
  public static Units of(DetectionSystem system, Settings settings) {
    return settings.get(UNIT).equals("view")
        ? by(system, View::name)
        : by(system, view -> view.modality().id());
  }

  /**
   * As {@link #of}, for a balancer that compares.
   *
   * @throws WrongUseException if there is only one
   */
  public static Units several(String balancer, DetectionSystem system, Settings settings) {
    Units units = of(system, settings);
    if (units.views.size() < 2) {
      throw new WrongUseException(
          "balancer %s compares %s, and %s reads only %s; use --balancer none, or more views"
              .formatted(
                  balancer,
                  settings.get(UNIT).equals("view") ? "views" : "modalities",
                  system.name(),
                  units.names()));
    }
    return units;
  }

  private static Units by(DetectionSystem system, Function<View, String> name) {
    return new Units(
        system.views().stream()
            .collect(Collectors.groupingBy(name, LinkedHashMap::new, Collectors.toList())));
  }

  /** One of them alone. */
  Units only(String unit) {
    return new Units(Map.of(unit, views.get(unit)));
  }

  /** Their names, in the system's order. */
  public List<String> names() {
    return List.copyOf(views.keySet());
  }

  /** The views of one of them. */
  public List<View> views(String unit) {
    return views.get(unit);
  }

  /** The names of the views of some of them. */
  public Set<String> viewNames(Collection<String> units) {
    return units.stream()
        .flatMap(unit -> views.get(unit).stream())
        .map(View::name)
        .collect(Collectors.toSet());
  }

  /** By unit {@code [B, M]}: the sum of its views' logits. */
  public Map<String, NDArray> logits(DetectionSystem.Output output) {
    return map(
        unit ->
            views.get(unit).stream()
                .map(view -> output.viewLogits().get(view.name()))
                .reduce(NDArray::add)
                .orElseThrow());
  }

  /** By unit {@code [B, d]}: its views' representations one after the other. */
  public Map<String, NDArray> representations(DetectionSystem.Output output) {
    return map(
        unit ->
            Concatenation.of(
                views.get(unit).stream()
                    .map(view -> output.representations().get(view.name()))
                    .toList(),
                1));
  }

  /** {@code [B]}, 1 where a post has any of the unit's views; empty where every post has. */
  public Optional<float[]> presence(DetectionSystem.Output output, String unit) {
    float[] there = null;
    for (View view : views.get(unit)) {
      NDArray presence = output.viewPresence().get(view.name());
      if (presence == null) {
        return Optional.empty();
      }
      float[] values = presence.toFloatArray();
      if (there == null) {
        there = values;
      } else {
        for (int i = 0; i < values.length; i++) {
          there[i] = Math.max(there[i], values[i]);
        }
      }
    }
    return Optional.ofNullable(there);
  }

  /** By unit: the width of its representation, found by scoring two empty posts. */
  public Map<String, Integer> widths(DetectionSystem system) {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      DetectionSystem.Input empty =
          new DetectionSystem.Input(
              system.views().stream()
                  .map(
                      view ->
                          new DetectionSystem.ViewInput(
                              view, manager.zeros(new Shape(2, 1, view.width())), Optional.empty()))
                  .toList());
      DetectionSystem.Output output = Engines.withoutGradients(() -> system.forward(empty, false));
      Map<String, Integer> widths = new LinkedHashMap<>();
      representations(output)
          .forEach((unit, array) -> widths.put(unit, (int) array.getShape().get(1)));
      return widths;
    }
  }

  /** The same input with some units taken out of every post. */
  public DetectionSystem.Input without(DetectionSystem.Input input, Collection<String> units) {
    NDArray any = input.views().get(0).values();
    NDArray none = any.getManager().zeros(new Shape(any.getShape().get(0)));
    Map<String, NDArray> keep = new LinkedHashMap<>(input.keep());
    viewNames(units).forEach(view -> keep.put(view, none));
    return input.keeping(keep);
  }

  /** The same input with units multiplied by {@code [B]} factors, over what it kept already. */
  DetectionSystem.Input keeping(DetectionSystem.Input input, Map<String, float[]> factors) {
    NDManager manager = input.views().get(0).values().getManager();
    Map<String, NDArray> keep = new LinkedHashMap<>(input.keep());
    factors.forEach(
        (unit, values) -> {
          NDArray array = manager.create(values);
          views
              .get(unit)
              .forEach(view -> keep.merge(view.name(), array, (old, now) -> old.mul(now)));
        });
    return input.keeping(keep);
  }

  /** Names of the parameters that belong to a unit's branches alone. */
  public List<String> parameters(DetectionSystem system, String unit) {
    return views.get(unit).stream()
        .flatMap(view -> system.branches().getOrDefault(view.name(), List.of()).stream())
        .toList();
  }

  /** Those of {@link #parameters} that have more than one axis: no biases, no normalisations. */
  public List<String> matrices(DetectionSystem system, String unit) {
    return parameters(system, unit).stream()
        .filter(name -> system.parameters().get(name).getShape().dimension() > 1)
        .toList();
  }

  /** Names of the parameters that belong to no unit's branches. */
  List<String> outside(DetectionSystem system) {
    List<String> outside = new ArrayList<>(system.parameters().keySet());
    names().forEach(unit -> outside.removeAll(parameters(system, unit)));
    return outside;
  }

  /** Rows {@code [B, M]} that are 0 for posts that lack the unit. */
  NDArray present(DetectionSystem.Output output, String unit, NDArray rows) {
    return presence(output, unit)
        .map(there -> rows.mul(rows.getManager().create(there, new Shape(there.length, 1))))
        .orElse(rows);
  }

  /**
   * The same output with another verdict and other logits of the units; those of a unit of several
   * views are divided evenly among them.
   */
  DetectionSystem.Output saying(
      DetectionSystem.Output output, NDArray verdict, Map<String, NDArray> logits) {
    Map<String, NDArray> viewLogits = new LinkedHashMap<>();
    logits.forEach(
        (unit, all) -> {
          int count = views.get(unit).size();
          NDArray each = count == 1 ? all : Scaling.times(all, 1.0 / count);
          views.get(unit).forEach(view -> viewLogits.put(view.name(), each));
        });
    return new DetectionSystem.Output(
        verdict,
        viewLogits,
        output.viewPresence(),
        output.viewWeights(),
        output.representations(),
        output.fused(),
        output.stages());
  }

  /** Slows the weight matrices of units' branches; notes the factors as {@code k}. */
  public Balance slow(Balance balance, DetectionSystem system, Map<String, Double> factors) {
    Map<String, Double> byView = new LinkedHashMap<>();
    Map<String, Double> byParameter = new LinkedHashMap<>();
    factors.forEach(
        (unit, factor) -> {
          views.get(unit).forEach(view -> byView.put(view.name(), factor));
          matrices(system, unit).forEach(name -> byParameter.put(name, factor));
        });
    return balance.slowing(byView, byParameter).noting("k", factors);
  }

  private <T> Map<String, T> map(Function<String, T> value) {
    Map<String, T> values = new LinkedHashMap<>();
    views.keySet().forEach(unit -> values.put(unit, value.apply(unit)));
    return values;
  }
}
