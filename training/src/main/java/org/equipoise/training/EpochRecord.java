package org.equipoise.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.equipoise.core.io.Json;
import org.equipoise.core.metrics.Metrics;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.training.balance.Balance;
import org.equipoise.training.balance.Learnt;

/** Means over an epoch's steps, and what validation said: a line of {@code metrics.jsonl}. */
final class EpochRecord {
  private final int epoch;
  private final long start = System.nanoTime();
  private final Map<String, Mean> losses = new LinkedHashMap<>();
  private final Map<String, Map<String, Mean>> views = new LinkedHashMap<>();
  private final Map<String, Map<String, Mean>> coefficients = new LinkedHashMap<>();

  private static final class Mean {
    private double sum;
    private long count;

    void add(double value) {
      sum += value;
      count++;
    }

    double value() {
      return sum / count;
    }
  }

  EpochRecord(int epoch) {
    this.epoch = epoch;
  }

  void add(Learnt learnt) {
    DetectionSystem.Losses step = learnt.losses();
    Balance balance = learnt.balance();
    add(losses, "total", step.total().getFloat());
    step.parts().forEach((name, value) -> add(losses, name, value.getFloat()));
    balance
        .figures()
        .s()
        .forEach(
            (view, s) -> {
              Map<String, Mean> figures = views.computeIfAbsent(view, v -> new LinkedHashMap<>());
              add(figures, "s", s);
              add(figures, "rho", balance.figures().rho().get(view));
              add(figures, "k", balance.factors().getOrDefault(view, 1.0));
            });
    balance
        .coefficients()
        .forEach(
            (name, values) ->
                values.forEach(
                    (unit, value) ->
                        add(
                            coefficients.computeIfAbsent(name, n -> new LinkedHashMap<>()),
                            unit,
                            value)));
  }

  private static void add(Map<String, Mean> means, String name, double value) {
    means.computeIfAbsent(name, n -> new Mean()).add(value);
  }

  double meanLoss() {
    return losses.get("total").value();
  }

  /** The line, without its line break. */
  String json(Metrics validation) {
    ObjectNode line = Json.MAPPER.createObjectNode();
    line.put("epoch", epoch);
    put(line.putObject("loss"), losses);
    line.putObject("validation")
        .put("accuracy", validation.accuracy())
        .put("macro_f1", validation.macroF1());
    ObjectNode viewsNode = line.putObject("views");
    views.forEach((view, figures) -> put(viewsNode.putObject(view), figures));
    if (!coefficients.isEmpty()) {
      ObjectNode balancer = line.putObject("balancer");
      coefficients.forEach((name, values) -> put(balancer.putObject(name), values));
    }
    line.put("seconds", (System.nanoTime() - start) / 1e9);
    return Json.line(line);
  }

  private static void put(ObjectNode node, Map<String, Mean> means) {
    means.forEach((name, mean) -> node.put(name, mean.value()));
  }
}
