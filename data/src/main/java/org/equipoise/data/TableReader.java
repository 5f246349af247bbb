package org.equipoise.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.equipoise.core.Post;
import org.equipoise.core.SkippedPost;
import org.equipoise.core.SourceLine;
import org.equipoise.core.WrongUseException;

/**
 * A table with a header line: cells split by commas, semicolons, bars or tabs, quoted as RFC 4180
 * says.
 *
 * <p>The parser is given one record at a time, because it reads on to the end of the file after a
 * quote that nobody closed: here such a record ends after a while, counts as broken, and reading
 * goes on with its second line.
 */
final class TableReader implements PostReader {
  private static final List<Character> DELIMITERS = List.of('\t', ',', ';', '|');

  /** How far a quoted cell may reach before its quote counts as a slip. */
  private static final int MAXIMUM_LINES = 200;

  private final Path file;
  private final CSVFormat format;
  private final Header header;
  private final Map<String, String> columns = new LinkedHashMap<>();

  TableReader(Path path, Map<String, String> mapped) {
    file = Places.file(path, DataFormat.CSV);
    try (Lines lines = new Lines(file)) {
      if (!lines.next() || lines.text().isBlank()) {
        throw new WrongUseException(file + " is empty: expected a header line with column names");
      }
      char delimiter = delimiter(lines.text());
      format =
          CSVFormat.RFC4180
              .builder()
              .setDelimiter(delimiter)
              .setTrailingData(true)
              .setIgnoreEmptyLines(false)
              .get();
      header = new Header(file, parse(lines.text()));
    }
    for (String field : DataOptions.FIELDS) {
      if (mapped.containsKey(field)) {
        header.require(mapped.get(field));
        columns.put(field, mapped.get(field));
      } else {
        columns.put(field, byName(field));
      }
    }
    header.require(columns.get("id"));
    if (!header.has(columns.get("images"))) {
      header.require(columns.get("text"));
    }
  }

  /** The column of that name in any case, {@code image} standing for {@code images}. */
  private String byName(String field) {
    for (String name : header.names()) {
      if (name.equalsIgnoreCase(field)
          || (field.equals("images") && name.equalsIgnoreCase("image"))) {
        return name;
      }
    }
    return field;
  }

  private static char delimiter(String headerLine) {
    char best = ',';
    long most = 0;
    for (char candidate : DELIMITERS) {
      long count = headerLine.chars().filter(c -> c == candidate).count();
      if (count > most) {
        most = count;
        best = candidate;
      }
    }
    return best;
  }

  /** Cells of one record; none if it is no record. */
  private List<String> parse(String record) {
    try (CSVParser parser = CSVParser.parse(record, format)) {
      List<CSVRecord> records = parser.getRecords();
      return records.size() == 1 ? records.get(0).toList() : List.of();
    } catch (IOException | UncheckedIOException | IllegalStateException e) {
      return List.of();
    }
  }

  private record Line(String text, SourceLine source, String problem) {}

  @Override
  public void forEach(Consumer<? super Post> posts, Consumer<? super SkippedPost> skipped) {
    Path folder = Places.parent(file);
    try (Lines lines = new Lines(file)) {
      Deque<Line> ahead = new ArrayDeque<>();
      lines.next();
      while (fill(lines, ahead)) {
        read(lines, ahead, folder, posts, skipped);
      }
    }
  }

  private static boolean fill(Lines lines, Deque<Line> ahead) {
    if (ahead.isEmpty() && lines.next()) {
      ahead.add(new Line(lines.text(), lines.source(), lines.problem()));
    }
    return !ahead.isEmpty();
  }

  private void read(
      Lines lines,
      Deque<Line> ahead,
      Path folder,
      Consumer<? super Post> posts,
      Consumer<? super SkippedPost> skipped) {
    Line first = ahead.remove();
    if (first.text().isBlank()) {
      return;
    }
    StringBuilder record = new StringBuilder(first.text());
    String problem = first.problem();
    boolean open = opensQuote(record);
    Deque<Line> joined = new ArrayDeque<>();
    while (open && joined.size() < MAXIMUM_LINES && fill(lines, ahead)) {
      Line next = ahead.remove();
      joined.add(next);
      record.append('\n').append(next.text());
      problem = problem.isEmpty() ? next.problem() : problem;
      // a line without a quote cannot close one
      open = next.text().indexOf('"') < 0 || opensQuote(record);
    }
    String message = problem.isEmpty() ? "" : Lines.explain(problem);
    String[] cells = new String[0];
    if (open) {
      while (!joined.isEmpty()) {
        ahead.addFirst(joined.removeLast());
      }
      problem = "broken_line";
      message = "a quote is opened and never closed";
    } else {
      cells = parse(record.toString()).toArray(String[]::new);
      if (problem.isEmpty() && cells.length != header.size()) {
        problem = "broken_line";
        message = "expected " + header.size() + " columns, found " + cells.length;
      }
    }
    if (!problem.isEmpty()) {
      String id = header.cell(cells, columns.get("id")).strip();
      skipped.accept(new SkippedPost(id, first.source(), problem, message));
      return;
    }
    String[] row = cells;
    PostFields.accept(
        field -> header.cell(row, columns.get(field)),
        new ArrayList<>(Arrays.asList(header.cell(row, columns.get("images")).split("\\|"))),
        folder,
        first.source(),
        posts,
        skipped);
  }

  /** Whether the record ends inside a quoted cell. Quotes inside an unquoted cell are its text. */
  private boolean opensQuote(CharSequence record) {
    char delimiter = format.getDelimiterString().charAt(0);
    boolean quoted = false;
    boolean cellStart = true;
    for (int i = 0; i < record.length(); i++) {
      char c = record.charAt(i);
      if (quoted) {
        quoted = c != '"' || (i + 1 < record.length() && record.charAt(i + 1) == '"');
        if (quoted && c == '"') {
          i++;
        }
      } else {
        quoted = cellStart && c == '"';
      }
      cellStart = !quoted && (c == delimiter || c == '\n');
    }
    return quoted;
  }
}
