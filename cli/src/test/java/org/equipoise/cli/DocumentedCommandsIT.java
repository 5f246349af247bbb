package org.equipoise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.equipoise.testing.Folders;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/**
 * What the pages tell people to type works. All run in one folder, the README first, so that later
 * pages find what its commands left there. Commands on files that only the reader has, which the
 * pages write as {@code path/to/…}, and those that ask the public hub are parsed alone.
 */
@Tag("slow")
class DocumentedCommandsIT {
  private static final String READERS_OWN = "path/to/";
  private static final String FROM_A_HUB = " models pull ";
  private static final String PROGRAM = "./equipoise";

  /** Commands of the build, which is what runs this test. */
  private static final List<String> OF_THE_BUILD = List.of("mvn ", "git clone ", "cd ", ".ci/run");

  @TempDir static Path folder;

  @BeforeAll
  static void put_the_program_where_the_pages_have_it() throws IOException {
    Path launcher = folder.resolve("equipoise");
    Files.writeString(launcher, "#!/bin/sh\nexec '" + BuiltProgram.script() + "' \"$@\"\n");
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void every_command_of_a_page_works(Path page) throws Exception {
    for (MarkdownBlock block : MarkdownBlock.of(page)) {
      String place = page.getFileName() + ":" + block.line();
      switch (block.language()) {
        case "sh" -> {
          for (String command : block.commands()) {
            shell(place + ": " + command, command);
          }
        }
        case "python" -> python(place, String.join("\n", block.lines()));
        default -> assertThat(block.language()).as(place).isIn("text", "json", "yaml", "java");
      }
    }
  }

  @Test
  void the_readme_says_the_two_commands() throws IOException {
    List<String> commands = new ArrayList<>();
    for (MarkdownBlock block :
        MarkdownBlock.of(MarkdownBlock.repository().resolve("README.md"), "sh")) {
      commands.addAll(block.commands());
    }

    assertThat(commands).contains("./equipoise quickstart", "mvn -B verify");
  }

  static List<Path> pages() throws IOException {
    return MarkdownBlock.pages();
  }

  private static void shell(String place, String command) throws Exception {
    if (OF_THE_BUILD.stream().anyMatch(command::startsWith)) {
      return;
    }
    if (command.contains(READERS_OWN) || command.contains(FROM_A_HUB)) {
      parse(place, command);
    } else {
      Cli.Answer answer = run("sh", "-c", command);
      assertThat(answer.code()).as(place + "\n" + answer.err()).isZero();
    }
  }

  private static void python(String place, String script) throws Exception {
    String python = Folders.requireProgram("python3", "apt-get install python3").toString();
    if (run(python, "-c", "import numpy, safetensors").code() != 0) {
      String remedy = "Python lacks libraries: pip install numpy safetensors";
      Assertions.assertNotEquals("true", System.getenv("CI"), remedy);
      Assumptions.abort(remedy);
    }
    Cli.Answer answer = run(python, "-c", script);
    assertThat(answer.code()).as(place + "\n" + answer.err()).isZero();
    assertThat(answer.out()).as(place).isNotBlank();
  }

  private static Cli.Answer run(String... command) throws IOException, InterruptedException {
    return BuiltProgram.run(
        folder, Map.of("EQUIPOISE_HOME", folder.resolve("home").toString()), command);
  }

  private static void parse(String place, String command) throws IOException, InterruptedException {
    assertThat(command).as(place).startsWith(PROGRAM + " ");
    String arguments = command.substring(PROGRAM.length());
    List<String> words = run("sh", "-c", "printf '%s\\n'" + arguments).out().lines().toList();
    CommandLine line = new Equipoise(Cli.silent()).commandLine();
    try {
      line.parseArgs(words.toArray(String[]::new));
    } catch (CommandLine.ParameterException e) {
      throw new AssertionError(place + ": " + e.getMessage(), e);
    }
  }
}
