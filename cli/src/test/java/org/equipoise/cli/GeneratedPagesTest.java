package org.equipoise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.equipoise.core.config.Setting;
import org.equipoise.training.Configuration;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/**
 * The pages that are made from the program are current. {@code mvn -B -pl cli -am test
 * -Dtest=GeneratedPagesTest -Dsurefire.failIfNoSpecifiedTests=false -Dequipoise.pages=write} writes
 * them anew.
 */
class GeneratedPagesTest {
  private static final int WIDTH = 100;

  @Test
  void docs_commands_md_is_what_the_program_says() throws IOException {
    StringBuilder page = new StringBuilder("# Commands\n\n");
    page.append("Made from the program: what `equipoise COMMAND --help` prints.\n");
    describe(new Equipoise(Cli.silent()).commandLine(), page);

    hold("commands.md", page.toString());
  }

  @Test
  void docs_configuration_md_is_what_the_settings_say() throws IOException {
    StringBuilder page = new StringBuilder("# Configuration\n\n");
    page.append(
        """
        Made from the program: every key that a YAML file for `--config` may hold, nested or dotted,
        and that `--set key=value` takes. `--set` wins over `--config`. The default given here is that
        of the program; the preset `default`, which holds where no `--config` is given, may name
        another, and so do the other presets (printed below).

        The presets were chosen for BMLHF. A system that brings its authors' values (docs/systems.md)
        trains with those: for it a preset's `training.*` and `features.form` do not count, and what
        the authors leave open has the default given here. A file given by `--config` and `--set` win
        over all of these, for every system. A run's `config.yaml` shows what came of it.

        | key | value | default | meaning |
        | --- | --- | --- | --- |
        """);
    for (Setting<?> setting : Configuration.schema().settings()) {
      page.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(
                  setting.key(),
                  setting.type(),
                  value(setting.defaultValue()),
                  setting.description()));
    }
    for (String name : Presets.list()) {
      page.append("\n## The preset `%s`\n\n```yaml\n%s```\n".formatted(name, Presets.text(name)));
    }

    hold("configuration.md", page.toString());
  }

  private static String value(Object value) {
    if (value instanceof List<?> list && list.isEmpty()) {
      return "empty";
    }
    return value instanceof List<?> list
        ? "`" + String.join(", ", list.stream().map(String::valueOf).toList()) + "`"
        : "`" + value + "`";
  }

  private static void describe(CommandLine line, StringBuilder page) {
    CommandLine.Model.CommandSpec spec = line.getCommandSpec();
    if (!spec.name().equals("help")) {
      line.setUsageHelpWidth(WIDTH);
      line.setUsageHelpAutoWidth(false);
      page.append("\n## ").append(spec.qualifiedName()).append("\n\n```text\n");
      page.append(line.getUsageMessage(CommandLine.Help.Ansi.OFF).stripTrailing());
      page.append("\n```\n");
      for (Map.Entry<String, CommandLine> command : line.getSubcommands().entrySet()) {
        describe(command.getValue(), page);
      }
    }
  }

  private static void hold(String name, String expected) throws IOException {
    Path page = MarkdownBlock.repository().resolve("docs").resolve(name);
    if ("write".equals(System.getProperty("equipoise.pages"))) {
      Files.writeString(page, expected);
    }
    assertThat(Files.readAllLines(page))
        .as("docs/%s (the Javadoc of this test says how to renew it)", name)
        .isEqualTo(expected.lines().toList());
  }
}
