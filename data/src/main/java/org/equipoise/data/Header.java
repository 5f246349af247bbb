package org.equipoise.data;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.equipoise.core.WrongUseException;

/** The columns of a table, found by name. */
final class Header {
  private final Path file;
  private final Map<String, Integer> columns = new LinkedHashMap<>();

  /**
   * The given names in their order.
   *
   * @throws WrongUseException if one occurs twice
   */
  Header(Path file, List<String> names) {
    this.file = file;
    for (String name : names) {
      if (columns.putIfAbsent(name.strip(), columns.size()) != null) {
        throw new WrongUseException(file + " has two columns named '" + name.strip() + "'");
      }
    }
  }

  /** The first line of a table without quoting. */
  static Header read(Path file, char delimiter) {
    try (Lines lines = new Lines(file)) {
      if (!lines.next()) {
        throw new WrongUseException(file + " is empty: expected a header line with column names");
      }
      return new Header(file, List.of(lines.text().split(Pattern.quote("" + delimiter), -1)));
    }
  }

  boolean has(String column) {
    return columns.containsKey(column);
  }

  int size() {
    return columns.size();
  }

  /**
   * Asks for the column.
   *
   * @throws WrongUseException if it is missing; the message lists the columns there are
   */
  void require(String column) {
    if (!has(column)) {
      throw new WrongUseException(
          file + " has no column '" + column + "'; it has: " + String.join(", ", columns.keySet()));
    }
  }

  /** The row's cell in that column, empty where there is none. */
  String cell(String[] cells, String column) {
    int index = columns.getOrDefault(column, cells.length);
    return index < cells.length ? cells[index] : "";
  }

  Iterable<String> names() {
    return columns.keySet();
  }
}
