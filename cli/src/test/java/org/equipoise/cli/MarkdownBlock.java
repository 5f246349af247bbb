package org.equipoise.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A fenced block of a documentation page.
 *
 * @param page the file
 * @param line the line on which its content starts, counted from 1
 * @param language the word behind the fence, empty where there is none
 * @param lines its content
 */
record MarkdownBlock(Path page, int line, String language, List<String> lines) {
  private static final String FENCE = "```";

  /** The repository's root; tests run in a module's folder. */
  static Path repository() {
    return Path.of("").toAbsolutePath().getParent();
  }

  /** README, CONTRIBUTING and every page of {@code docs/}. */
  static List<Path> pages() throws IOException {
    try (Stream<Path> docs = Files.list(repository().resolve("docs"))) {
      return Stream.concat(
              Stream.of("README.md", "CONTRIBUTING.md").map(repository()::resolve),
              docs.filter(page -> page.toString().endsWith(".md")).sorted())
          .toList();
    }
  }

  /** All blocks of a page in that language. */
  static List<MarkdownBlock> of(Path page, String language) throws IOException {
    return of(page).stream().filter(block -> block.language.equals(language)).toList();
  }

  /** All blocks of a page, in their order. */
  static List<MarkdownBlock> of(Path page) throws IOException {
    List<MarkdownBlock> blocks = new ArrayList<>();
    MarkdownBlock open = null;
    int number = 0;
    for (String line : Files.readAllLines(page)) {
      number++;
      if (!line.startsWith(FENCE)) {
        if (open != null) {
          open.lines.add(line);
        }
      } else if (open == null) {
        String word = line.substring(FENCE.length()).strip();
        open = new MarkdownBlock(page, number + 1, word, new ArrayList<>());
      } else {
        blocks.add(open);
        open = null;
      }
    }
    return blocks;
  }

  /** A shell block's commands: comments left out, continued lines joined. */
  List<String> commands() {
    List<String> commands = new ArrayList<>();
    StringBuilder command = new StringBuilder();
    for (String line : lines) {
      String text = line.replaceFirst("(^|\\s)#.*$", "").strip();
      if (text.endsWith("\\")) {
        command.append(text, 0, text.length() - 1).append(' ');
      } else if (!text.isEmpty()) {
        commands.add(command.append(text).toString());
        command.setLength(0);
      }
    }
    return commands;
  }
}
