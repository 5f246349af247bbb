package org.equipoise.lab.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.equipoise.core.io.Json;
import org.equipoise.testing.Folders;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The report in a real browser. A page of our own shows it in a frame of the width under test and
 * writes what it measures there, because a browser's window may not be as narrow as a phone.
 */
@Tag("slow")
class ReportInBrowserTest {
  private static final Pattern MEASURED = Pattern.compile("<pre id=\"measured\">(.*?)</pre>");
  private static final String PAGE =
      """
      <!DOCTYPE html><meta charset="utf-8">
      <iframe id="frame" style="border:0;width:%dpx;height:900px"></iframe>
      <pre id="measured"></pre>
      <script>
        const frame = document.getElementById('frame');
        frame.onload = () => {
          const page = frame.contentDocument, view = frame.contentWindow;
          const colour = (element, name) => view.getComputedStyle(element)[name];
          const charts = [...page.querySelectorAll('figure > svg')];
          document.getElementById('measured').textContent = JSON.stringify({
            width: page.documentElement.clientWidth,
            scrollWidth: page.documentElement.scrollWidth,
            beyond: [...page.querySelectorAll('section')]
              .filter(s => s.getBoundingClientRect().right > page.documentElement.clientWidth).length,
            scripts: page.scripts.length,
            requests: view.performance.getEntriesByType('resource')
              .map(entry => entry.name).filter(name => !name.startsWith('data:')),
            pictures: [...page.images].filter(image => image.naturalWidth > 0).length,
            broken: [...page.images].filter(image => image.naturalWidth == 0).length,
            charts: charts.length,
            flat: charts.filter(c => c.getBoundingClientRect().height < 150).length,
            ink: colour(page.body, 'color'),
            paper: colour(page.body, 'backgroundColor'),
            axis: colour(charts[0].querySelector('g > path'), 'fill')
          });
        };
        frame.src = 'report.html';
      </script>
      """;

  @TempDir static Path folder;

  private static Path browser;

  @BeforeAll
  static void write() throws IOException {
    browser = Folders.requireProgram("chromium", "apt-get install chromium");
    MadeUpRun run = MadeUpRun.write(folder, 1.2);
    new Report(run::post, Optional.of("These posts are made up.")).write(folder);
  }

  @ParameterizedTest
  @CsvSource({"390, light", "390, dark", "1280, light", "1280, dark"})
  void nothingIsCutOffOrLoadedAndColoursFollowTheScheme(int width, String scheme) throws Exception {
    JsonNode measured = measure(width, scheme);

    assertThat(measured.get("width").asInt()).isEqualTo(width);
    assertThat(measured.get("scrollWidth").asInt()).isLessThanOrEqualTo(width);
    assertThat(measured.get("beyond").asInt()).isZero();
    assertThat(measured.get("scripts").asInt()).isZero();
    assertThat(measured.get("requests")).isEmpty();
    assertThat(measured.get("pictures").asInt()).isPositive();
    assertThat(measured.get("broken").asInt()).isZero();
    // five of any run, and one for each of the balancer's three coefficients
    assertThat(measured.get("charts").asInt()).isEqualTo(5 + 3);
    assertThat(measured.get("flat").asInt()).isZero();
    double paper = brightness(measured.get("paper").asText());
    assertThat(paper).matches(b -> scheme.equals("dark") ? b < 0.2 : b > 0.8);
    assertThat(Math.abs(brightness(measured.get("ink").asText()) - paper)).isGreaterThan(0.6);
    assertThat(Math.abs(brightness(measured.get("axis").asText()) - paper)).isGreaterThan(0.4);
  }

  private static JsonNode measure(int width, String scheme) throws Exception {
    Path page = folder.resolve("measure-" + width + "-" + scheme + ".html");
    Files.writeString(page, PAGE.formatted(width));
    Path log = folder.resolve("browser.log");
    Process process =
        new ProcessBuilder(
                List.of(
                    browser.toString(),
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--hide-scrollbars",
                    "--allow-file-access-from-files",
                    "--user-data-dir=" + folder.resolve("profile"),
                    "--blink-settings=preferredColorScheme=" + (scheme.equals("dark") ? 0 : 1),
                    "--window-size=1400,1000",
                    "--virtual-time-budget=5000",
                    "--dump-dom",
                    page.toUri().toString()))
            .redirectError(log.toFile())
            .start();
    String dom = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    Matcher measured = MEASURED.matcher(dom);
    assertThat(measured.find()).describedAs(Files.readString(log)).isTrue();
    return Json.MAPPER.readTree(measured.group(1).replace("&amp;", "&"));
  }

  /** The mean of red, green and blue, from 0 to 1. */
  private static double brightness(String colour) {
    return Pattern.compile("\\d+")
            .matcher(colour)
            .results()
            .limit(3)
            .mapToInt(match -> Integer.parseInt(match.group()))
            .sum()
        / 765.0;
  }
}
