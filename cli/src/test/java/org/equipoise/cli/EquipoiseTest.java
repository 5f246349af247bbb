package org.equipoise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EquipoiseTest {
  @Test
  void an_unknown_command_is_wrong_use_and_the_nearest_is_named() {
    Cli.Answer answer = Cli.run("versoin");

    assertThat(answer.code()).isEqualTo(2);
    assertThat(answer.out()).isEmpty();
    assertThat(answer.err()).contains("unknown command 'versoin'").contains("'version'");
    assertThat(answer.err().lines()).hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void an_unknown_option_is_wrong_use_and_the_nearest_is_named() {
    Cli.Answer answer = Cli.run("version", "--quit");

    assertThat(answer.code()).isEqualTo(2);
    assertThat(answer.err()).contains("unknown option '--quit'").contains("'--quiet'");
    assertThat(answer.err()).doesNotContain("\tat ");
  }

  @Test
  void a_stack_trace_is_shown_on_demand_alone() {
    assertThat(Cli.run("--debug", "version", "--quit").err()).contains("\tat ");
  }

  @Test
  void nothing_at_all_is_wrong_use() {
    assertThat(Cli.run().code()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"version", "--version", "-V"})
  void the_version_can_be_asked_for_in_every_usual_way(String word) {
    Cli.Answer answer = Cli.run(word);

    assertThat(answer.code()).isZero();
    assertThat(answer.out()).matches("equipoise \\d+\\.\\d+\\.\\d+.* \\(Java \\d+, .*\\)\\R");
    assertThat(answer.err()).isEmpty();
  }

  @Test
  void help_lists_the_commands_on_standard_output() {
    Cli.Answer answer = Cli.run("help");

    assertThat(answer.code()).isZero();
    assertThat(answer.out()).contains("Commands:").contains("version");
  }
}
