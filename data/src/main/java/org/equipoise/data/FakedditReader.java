package org.equipoise.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.equipoise.core.Post;
import org.equipoise.core.SkippedPost;
import org.equipoise.core.WrongUseException;

/**
 * Fakeddit: tab-separated files with a header line, in which only some columns are quoted, and
 * images named by the post's id.
 */
final class FakedditReader implements PostReader {
  private static final List<String> THREE = List.of("real", "fake-true-text", "fake");
  private static final List<String> SIX =
      List.of("real", "satire", "false-connection", "imposter", "manipulated", "misleading");

  private final int labels;
  private final List<Path> files = new ArrayList<>();
  private final List<Header> headers = new ArrayList<>();

  FakedditReader(Path path, int labels) {
    this.labels = labels;
    Places.requireExists(path, DataFormat.FAKEDDIT);
    if (Files.isDirectory(path)) {
      files.addAll(tables(path));
    } else {
      files.add(path);
    }
    for (Path file : files) {
      Header header = Header.read(file, '\t');
      for (String column : List.of("id", labels + "_way_label")) {
        header.require(column);
      }
      if (!header.has("title")) {
        header.require("clean_title");
      }
      headers.add(header);
    }
  }

  private static List<Path> tables(Path folder) {
    List<Path> all =
        Places.list(folder).stream()
            .filter(file -> name(file).endsWith(".tsv") && Files.isRegularFile(file))
            .toList();
    List<Path> multimodal =
        all.stream().filter(file -> name(file).startsWith("multimodal_")).toList();
    if (all.isEmpty()) {
      throw new WrongUseException(
          folder + " holds no .tsv file: expected " + DataFormat.FAKEDDIT.expects());
    }
    return multimodal.isEmpty() ? all : multimodal;
  }

  private static String name(Path file) {
    return file.getFileName().toString().toLowerCase(Locale.ROOT);
  }

  @Override
  public void forEach(Consumer<? super Post> posts, Consumer<? super SkippedPost> skipped) {
    for (int i = 0; i < files.size(); i++) {
      Path file = files.get(i);
      Header header = headers.get(i);
      try (Lines lines = new Lines(file)) {
        lines.next();
        while (lines.next()) {
          if (!lines.text().isBlank()) {
            read(header, lines, posts, skipped);
          }
        }
      }
    }
  }

  private void read(
      Header header,
      Lines lines,
      Consumer<? super Post> posts,
      Consumer<? super SkippedPost> skipped) {
    String[] cells = lines.text().split("\t", -1);
    String id = header.cell(cells, "id").strip();
    String problem = lines.problem();
    String message = problem.isEmpty() ? "" : Lines.explain(problem);
    if (problem.isEmpty() && cells.length != header.size()) {
      problem = "broken_line";
      message = "expected " + header.size() + " columns, found " + cells.length;
    } else if (problem.isEmpty() && id.isEmpty()) {
      problem = "no_id";
      message = "the post has no id";
    }
    if (!problem.isEmpty()) {
      skipped.accept(new SkippedPost(id, lines.source(), problem, message));
      return;
    }
    String title = unquote(header.cell(cells, "title"));
    posts.accept(
        Post.builder(id)
            .text((title.isBlank() ? header.cell(cells, "clean_title") : title).strip())
            .images(images(header, cells, id, lines.file()))
            .label(label(header.cell(cells, labels + "_way_label").strip(), lines))
            .time(Times.any(header.cell(cells, "created_utc"), ZoneOffset.UTC).orElse(null))
            .language("en")
            .split(split(lines.file()))
            .source(lines.source())
            .build());
  }

  /**
   * A cell that is quoted as a whole, with quotes inside doubled. Titles never hold tabs or line
   * breaks, so a stray quote in another column must not join cells or lines.
   */
  static String unquote(String cell) {
    if (cell.length() < 2 || cell.charAt(0) != '"' || cell.charAt(cell.length() - 1) != '"') {
      return cell;
    }
    String inner = cell.substring(1, cell.length() - 1);
    return inner.replace("\"\"", "").indexOf('"') < 0 ? inner.replace("\"\"", "\"") : cell;
  }

  private static List<Path> images(Header header, String[] cells, String id, Path file) {
    if (header.cell(cells, "hasImage").strip().equalsIgnoreCase("false")) {
      return List.of();
    }
    return List.of(Places.parent(file).resolve("public_image_set").resolve(id + ".jpg"));
  }

  private String label(String cell, Lines lines) {
    try {
      // written as 1 or, by some tools, as 1.0
      double number = Double.parseDouble(cell);
      int index = (int) number;
      if (index == number && index >= 0 && index < labels) {
        return switch (labels) {
          case 2 -> index == 1 ? "real" : "fake";
          case 3 -> THREE.get(index);
          default -> SIX.get(index);
        };
      }
    } catch (NumberFormatException e) {
      throw unknown(cell, lines, e);
    }
    throw unknown(cell, lines, null);
  }

  private WrongUseException unknown(String cell, Lines lines, Throwable cause) {
    return new WrongUseException(
        lines.source()
            + " has the "
            + labels
            + "_way_label '"
            + cell
            + "': expected a number from 0 to "
            + (labels - 1),
        cause);
  }

  private static String split(Path file) {
    String name = name(file);
    if (name.contains("train")) {
      return "train";
    }
    if (name.contains("validat")) {
      return "validation";
    }
    return name.contains("test") ? "test" : null;
  }
}
