package org.equipoise.core;

/**
 * Where a post was read.
 *
 * @param file the file's path as given or found
 * @param line the line on which the post starts, counted from 1
 */
public record SourceLine(String file, long line) {
  @Override
  public String toString() {
    return file + ":" + line;
  }
}
