package org.equipoise.lab.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** From what and how the figures came about, and what their names mean. */
final class ProvenanceSection {
  private static final int MOST_LETTERS = 400;

  private static final String[][] TERMS = {
    {
      "Protocol",
      "Who is in the test set. published: as the data set’s authors divide it; random: a share"
          + " drawn by lot; image-disjoint: no image on both sides; event-disjoint: no event on"
          + " both sides; chronological: the latest posts."
    },
    {
      "Floors",
      "majority: always the training posts’ commonest class. linear: logistic regression on the"
          + " averaged features of all views. look-up: the label of the training post with the"
          + " same or the most similar image, else text."
    },
    {
      "Macro-F1",
      "The mean over classes of F1, the harmonic mean of precision (right among those called so)"
          + " and recall (found among those that are so)."
    },
    {
      "ROC-AUC",
      "How often a post of the first class gets a higher probability of it than a post of another"
          + " class."
    },
    {
      "Calibration error",
      "The mean gap between confidence and accuracy over 15 bins of confidence (ECE)."
    },
    {
      "95 % interval",
      "Where the figure would lie in 95 of 100 draws of as many events, images or posts as the"
          + " test set has, drawn with replacement. It does not cover other data sets, nor the"
          + " chance in training: for that, train with several seeds."
    }
  };

  private ProvenanceSection() {}

  static void write(RunRecord run, StringBuilder page) {
    page.append("<section><h2>Provenance</h2><table class=\"facts\">\n");
    JsonNode evaluation = run.evaluation();
    fact("test posts", Html.count(evaluation.path("posts").asLong()), page);
    fact("skipped posts", Html.count(evaluation.path("skipped").asLong()), page);
    List<String[]> facts = new ArrayList<>();
    flatten("", run.provenance(), facts);
    facts.forEach(fact -> fact(Html.text(fact[0]), Html.text(fact[1], MOST_LETTERS), page));
    page.append("</table>\n");
    if (!run.config().isEmpty()) {
      page.append("<details><summary>Configuration</summary><pre>")
          .append(Html.text(run.config()))
          .append("</pre></details>\n");
    }
    page.append("<details><summary>How to read this report</summary><dl>\n");
    for (String[] term : TERMS) {
      page.append("<dt>").append(Html.text(term[0])).append("</dt><dd>");
      page.append(Html.text(term[1])).append("</dd>\n");
    }
    page.append("</dl></details></section>\n");
  }

  private static void fact(String name, String value, StringBuilder page) {
    page.append("<tr><td>").append(name).append("</td><td>").append(value).append("</td></tr>\n");
  }

  private static void flatten(String name, JsonNode node, List<String[]> facts) {
    if (node.isObject()) {
      for (Map.Entry<String, JsonNode> field : node.properties()) {
        flatten(
            name.isEmpty() ? field.getKey() : name + "." + field.getKey(), field.getValue(), facts);
      }
    } else if (node.isArray()) {
      boolean plain = true;
      List<String> values = new ArrayList<>();
      for (JsonNode value : node) {
        plain &= value.isValueNode();
        values.add(value.asText());
      }
      if (plain) {
        facts.add(new String[] {name, String.join(", ", values)});
      } else {
        for (int i = 0; i < node.size(); i++) {
          flatten(name + "." + (i + 1), node.get(i), facts);
        }
      }
    } else if (!node.isMissingNode() && !node.isNull()) {
      facts.add(new String[] {name, node.asText()});
    }
  }
}
