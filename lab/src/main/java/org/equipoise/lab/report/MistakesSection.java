package org.equipoise.lab.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.equipoise.core.Post;

/** The posts about which the model was most sure and wrong, as people saw them. */
final class MistakesSection {
  private static final int MOST_LETTERS = 600;

  private MistakesSection() {}

  static void write(RunRecord run, Function<String, Optional<Post>> posts, StringBuilder page) {
    if (run.mistakes().isEmpty()) {
      return;
    }
    Thumbnails thumbnails = new Thumbnails();
    page.append("<section><h2>Surest mistakes</h2><p class=\"soft\">Where the model was most")
        .append(" confident and wrong. Chips: what each view alone gives the wrong class.</p>")
        .append("<div class=\"mistakes\">\n");
    for (RunRecord.Mistake mistake : run.mistakes()) {
      Optional<Post> post = posts.apply(mistake.id());
      page.append("<article class=\"mistake\"><div class=\"picture\">");
      Optional<String> picture = post.flatMap(thumbnails::of);
      if (picture.isPresent()) {
        page.append("<img alt=\"The post’s image\" src=\"").append(picture.get()).append("\">");
      } else {
        page.append("no image");
      }
      page.append("</div><div class=\"body\"><p class=\"said\">Said <b>")
          .append(Html.text(mistake.predicted()))
          .append("</b> with ")
          .append(Html.percent(mistake.confidence()))
          .append("; it is <b>")
          .append(Html.text(mistake.label()))
          .append("</b></p>");
      text(post, page);
      chips(mistake, page);
      page.append("<div class=\"id\">").append(Html.text(mistake.id(), 120));
      String event = mistake.line().path("event").asText("");
      if (!event.isEmpty()) {
        page.append(" · ").append(Html.text(event, 80));
      }
      page.append("</div></div></article>\n");
    }
    page.append("</div></section>\n");
  }

  private static void text(Optional<Post> post, StringBuilder page) {
    if (post.isEmpty()) {
      page.append("<p class=\"soft\">The post is not at hand.</p>");
    } else if (post.get().hasText()) {
      page.append("<blockquote dir=\"auto\">")
          .append(Html.text(post.get().text(), MOST_LETTERS))
          .append("</blockquote>");
    } else {
      page.append("<p class=\"soft\">no text</p>");
    }
  }

  private static void chips(RunRecord.Mistake mistake, StringBuilder page) {
    page.append("<div class=\"chips\">");
    for (Map.Entry<String, JsonNode> view : mistake.line().path("views").properties()) {
      JsonNode probability = view.getValue().path("probabilities").path(mistake.predicted());
      if (probability.isNumber()) {
        page.append("<span class=\"chip\">")
            .append(Html.text(view.getKey().replace('_', ' ')))
            .append(' ')
            .append(Html.percent(probability.asDouble()))
            .append("</span>");
      }
    }
    page.append("</div>");
  }
}
