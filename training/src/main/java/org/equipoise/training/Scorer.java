package org.equipoise.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.equipoise.core.Clause;
import org.equipoise.core.features.FeatureBatch;
import org.equipoise.core.features.FeatureSource;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.engine.Engines;

/** Runs a system over posts, without dropout and without gradients. */
public final class Scorer {
  private final DetectionSystem system;
  private final NDManager manager;

  /**
   * Scores with this system.
   *
   * @param manager arrays of a batch are children of it and freed after the batch
   */
  public Scorer(DetectionSystem system, NDManager manager) {
    this.system = system;
    this.manager = manager;
  }

  /** One result for each post of the source, in order. */
  public List<Scored> score(FeatureSource features, int batchSize) {
    List<Scored> results = new ArrayList<>(features.size());
    score(features, batchSize, results::addAll);
    return results;
  }

  /** As {@link #score(FeatureSource, int)}, handing on each batch's results as they come. */
  public void score(FeatureSource features, int batchSize, Consumer<List<Scored>> results) {
    LabelledPosts posts = new LabelledPosts(features, new int[features.size()]);
    List<Visit> all = Visit.all(features.size());
    try (Batches batches = new Batches(posts, all, batchSize, UnaryOperator.identity())) {
      while (batches.hasNext()) {
        results.accept(score(batches.next().features()));
      }
    }
  }

  /** One result for each post of the batch, in order. */
  public List<Scored> score(FeatureBatch batch) {
    try (NDManager scope = manager.newSubManager()) {
      DetectionSystem.Output output =
          Engines.withoutGradients(() -> system.forward(Inputs.of(scope, batch), false));
      float[] probabilities = output.logits().softmax(-1).toFloatArray();
      Map<String, float[]> views = new LinkedHashMap<>();
      output
          .viewLogits()
          .forEach((view, logits) -> views.put(view, logits.softmax(-1).toFloatArray()));
      Map<String, float[]> presence = arrays(output.viewPresence());
      Map<String, float[]> weights = arrays(output.viewWeights());
      List<List<Clause>> clauses = system.clauses(output);
      List<Scored> results = new ArrayList<>(batch.posts());
      for (int post = 0; post < batch.posts(); post++) {
        results.add(
            new Scored(
                row(probabilities, post),
                views(post, views, presence, weights),
                clauses.isEmpty() ? List.of() : clauses.get(post)));
      }
      return results;
    }
  }

  private Map<String, Scored.ViewScore> views(
      int post,
      Map<String, float[]> probabilities,
      Map<String, float[]> presence,
      Map<String, float[]> weights) {
    Map<String, Scored.ViewScore> views = new LinkedHashMap<>();
    probabilities.forEach(
        (view, values) -> {
          if (!presence.containsKey(view) || presence.get(view)[post] != 0) {
            OptionalDouble weight =
                weights.containsKey(view)
                    ? OptionalDouble.of(weights.get(view)[post])
                    : OptionalDouble.empty();
            views.put(view, new Scored.ViewScore(row(values, post), weight));
          }
        });
    return views;
  }

  private static Map<String, float[]> arrays(Map<String, NDArray> arrays) {
    Map<String, float[]> values = new LinkedHashMap<>();
    arrays.forEach((name, array) -> values.put(name, array.toFloatArray()));
    return values;
  }

  private double[] row(float[] values, int post) {
    double[] row = new double[system.classes()];
    for (int c = 0; c < row.length; c++) {
      row[c] = values[post * row.length + c];
    }
    return row;
  }
}
