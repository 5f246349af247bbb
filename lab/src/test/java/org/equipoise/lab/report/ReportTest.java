package org.equipoise.lab.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.equipoise.core.WrongUseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private static final Pattern ID = Pattern.compile("\\sid=\"([^\"]*)\"");

  @TempDir Path folder;

  @Test
  void aReportHoldsEveryPartAndNothingFromElsewhere() throws IOException {
    String page = page(2.4, Optional.of("These posts are made up."));

    assertThat(page)
        .contains(
            "These posts are made up.",
            "The model beats every floor.",
            "BMLHF with mib on made-up posts",
            "Validation",
            "How far each view is slowed: k",
            "Confusion",
            "Calibration",
            "How sure these figures are",
            "By event",
            "river flood",
            "Surest mistakes",
            "data:image/jpeg;base64,",
            "data.fingerprint",
            "epochs: 14")
        .doesNotContain("<script", "<link", "src=\"http", "@import", "url(http");
  }

  @Test
  void whatPostsSayIsTextAndNeverMarkup() throws IOException {
    String page = page(0.4, Optional.empty());

    assertThat(page)
        .contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;")
        .doesNotContain(MadeUpRun.HOSTILE);
  }

  @Test
  void idsWithinTheChartsAreUnique() throws IOException {
    Matcher ids = ID.matcher(page(1, Optional.empty()));

    assertThat(ids.results().map(match -> match.group(1)).toList())
        .isNotEmpty()
        .doesNotHaveDuplicates();
  }

  @Test
  void chartsTakeTheirColoursFromThePage() throws IOException {
    assertThat(page(1, Optional.empty())).contains("var(--series-1)").doesNotContain(",254,253)");
  }

  @Test
  void eachOfTheBalancersCoefficientsIsDrawn() throws IOException {
    assertThat(page(1, Optional.empty()))
        .contains("Balancer: drop rate", "Balancer: weight", "Balancer: flat")
        .contains("The balancer's weight by epoch");
  }

  @Test
  void aMachineWithoutFontsCostsTheChartsAlone() {
    assertThat(
            Figures.drawn(
                () -> {
                  throw new UnsatisfiedLinkError("libfreetype.so.6");
                }))
        .contains("apt-get install fontconfig");
  }

  @Test
  void aRunWithoutAnEvaluationIsRefused() {
    assertThatThrownBy(() -> new Report(id -> Optional.empty(), Optional.empty()).write(folder))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("evaluation.json");
  }

  @Test
  void aRunIsReportedWhereOnlyItsEvaluationIsLeft() throws IOException {
    MadeUpRun run = MadeUpRun.write(folder, 1);
    Files.delete(folder.resolve("metrics.jsonl"));
    Files.delete(folder.resolve("provenance.json"));
    Files.delete(folder.resolve("config.yaml"));

    Path file = new Report(id -> Optional.empty(), Optional.empty()).write(run.folder());

    assertThat(Files.readString(file)).contains("The post is not at hand.", "Confusion");
  }

  @Test
  void aDamagedLineOfPredictionsIsNamed() throws IOException {
    MadeUpRun run = MadeUpRun.write(folder, 1);
    Path predictions = folder.resolve("predictions.jsonl");
    Files.writeString(predictions, Files.readString(predictions) + "{\"id\":");

    assertThatThrownBy(() -> new Report(run::post, Optional.empty()).write(folder))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("predictions.jsonl:481");
  }

  private String page(double skill, Optional<String> notice) throws IOException {
    MadeUpRun run = MadeUpRun.write(folder, skill);
    return Files.readString(new Report(run::post, notice).write(run.folder()));
  }
}
