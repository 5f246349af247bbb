package org.equipoise.lab.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.equipoise.core.Post;
import org.equipoise.core.io.AtomicFiles;

/**
 * Writes a run's {@code report.html}: one file that needs nothing else, neither network nor script,
 * for light and dark screens of any width. What posts say appears in it as text, whatever it is.
 */
public final class Report {
  /** The file's name within a run's folder. */
  public static final String FILE = "report.html";

  private final Function<String, Optional<Post>> posts;
  private final Optional<String> notice;

  /**
   * A writer.
   *
   * @param posts finds a post by its id, for the texts and pictures of mistakes
   * @param notice what a reader must know before all else, such as that the posts are made up
   */
  public Report(Function<String, Optional<Post>> posts, Optional<String> notice) {
    this.posts = posts;
    this.notice = notice;
  }

  /**
   * Reads the run's {@code evaluation.json}, {@code predictions.jsonl} and, where they are, {@code
   * metrics.jsonl}, {@code provenance.json} and {@code config.yaml}, and writes the report beside
   * them.
   *
   * @return the file
   * @throws org.equipoise.core.WrongUseException if the run was not evaluated
   * @throws IOException if the file cannot be written
   */
  public Path write(Path run) throws IOException {
    RunRecord record = RunRecord.read(run);
    Path file = run.resolve(FILE);
    AtomicFiles.write(file, page(record, run.toAbsolutePath().getFileName().toString()));
    return file;
  }

  private String page(RunRecord run, String folder) {
    String title = title(run, folder);
    StringBuilder page = new StringBuilder();
    page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .append("<meta name=\"color-scheme\" content=\"light dark\">\n")
        // whatever a post holds, the page loads nothing and runs nothing
        .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ")
        .append("img-src data:; style-src 'unsafe-inline'\">\n<title>")
        .append(Html.text(title))
        .append(" – Equipoise</title>\n<style>\n")
        .append(style())
        .append("</style>\n</head>\n<body>\n<header><span class=\"brand\">Equipoise</span>")
        .append("<span class=\"run\">")
        .append(Html.text(title))
        .append("</span></header>\n<main>\n");
    notice.ifPresent(
        words -> page.append("<p class=\"notice\">").append(Html.text(words)).append("</p>\n"));
    VerdictSection.write(run.evaluation(), page);
    TrainingSection.write(run, page);
    ResultsSection.write(run, page);
    MistakesSection.write(run, posts, page);
    ProvenanceSection.write(run, page);
    page.append("</main>\n<footer>Written by Equipoise. Everything shown lies in this file.")
        .append("</footer>\n</body>\n</html>\n");
    return page.toString();
  }

  private static String title(RunRecord run, String folder) {
    JsonNode provenance = run.provenance();
    StringBuilder title = new StringBuilder(provenance.path("system").asText(folder));
    String balancer = provenance.path("balancer").asText("");
    if (!balancer.isEmpty()) {
      title.append(balancer.equals("none") ? " without balancer" : " with " + balancer);
    }
    String data = run.evaluation().path("data").asText("");
    return data.isEmpty() ? title.toString() : title + " on " + data;
  }

  private static String style() {
    try (InputStream css = Report.class.getResourceAsStream("report.css")) {
      return new String(css.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
