package org.equipoise.lab.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.equipoise.core.Clause;
import org.equipoise.core.SkippedPost;
import org.equipoise.core.Verdict;
import org.equipoise.core.io.Json;

/** Verdicts as {@code predict} writes them. */
public final class VerdictJson {
  private VerdictJson() {}

  /**
   * {@code {"id", "verdict", "probabilities", "views"}}, and {@code clauses} where the system gives
   * some.
   */
  public static ObjectNode of(Verdict verdict) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("id", verdict.id());
    add(node, verdict);
    return node;
  }

  /** Everything but the id. */
  static void add(ObjectNode node, Verdict verdict) {
    node.put("verdict", verdict.verdict());
    put(node.putObject("probabilities"), verdict.probabilities());
    ObjectNode views = node.putObject("views");
    verdict
        .views()
        .forEach(
            (name, view) -> {
              ObjectNode of = views.putObject(name);
              put(of.putObject("probabilities"), view.probabilities());
              if (view.weight().isPresent()) {
                of.put("weight", view.weight().getAsDouble());
              } else {
                of.putNull("weight");
              }
            });
    if (!verdict.clauses().isEmpty()) {
      ArrayNode clauses = node.putArray("clauses");
      verdict.clauses().forEach(clause -> add(clauses.addObject(), clause));
    }
  }

  private static void add(ObjectNode node, Clause clause) {
    node.put("label", clause.label());
    node.put("round", clause.round());
    node.put("value", clause.value());
    ArrayNode atoms = node.putArray("atoms");
    for (Clause.Atom atom : clause.atoms()) {
      ObjectNode of = atoms.addObject();
      atom.objects().forEach(of.putArray("objects")::add);
      of.put("truth", atom.truth());
      of.put("weight", atom.weight());
      of.put("factor", atom.factor());
    }
  }

  /** {@code {"id", "error": {"code", "message"}}}. */
  public static ObjectNode of(SkippedPost post) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("id", post.id());
    node.putObject("error").put("code", post.reason()).put("message", post.message());
    return node;
  }

  private static void put(ObjectNode node, Map<String, Double> probabilities) {
    probabilities.forEach(node::put);
  }
}
