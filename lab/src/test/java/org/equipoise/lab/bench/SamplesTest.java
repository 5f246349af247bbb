package org.equipoise.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.equipoise.core.io.Json;
import org.junit.jupiter.api.Test;

class SamplesTest {
  @Test
  void theSummaryIsInMillisecondsAndInterpolates() {
    Samples samples = new Samples();
    for (long time : new long[] {5_000_000, 1_000_000, 3_000_000, 2_000_000}) {
      samples.add(time);
    }

    Samples.Summary summary = samples.summary();

    // numpy.percentile([1, 2, 3, 5], [0, 50, 95]) gives 1, 2.5, 4.7
    assertThat(summary.min()).isEqualTo(1);
    assertThat(summary.median()).isEqualTo(2.5);
    assertThat(summary.p95()).isCloseTo(4.7, within(1e-12));
  }

  @Test
  void theJsonHasTheFieldsOfTheContract() throws Exception {
    Samples samples = new Samples();
    samples.add(4_000_000);

    JsonNode json =
        Json.MAPPER.readTree(
            Json.line(
                Measurement.of("step X", 2, 1, samples, 64, Map.of("forward", samples)).toJson()));

    assertThat(json.toString())
        .isEqualTo(
            "{\"name\":\"step X\",\"threads\":2,\"repeats\":1,"
                + "\"milliseconds\":{\"min\":4.0,\"median\":4.0,\"p95\":4.0},"
                + "\"per_second\":16000.0,"
                + "\"parts\":{\"forward\":{\"min\":4.0,\"median\":4.0,\"p95\":4.0}}}");
  }
}
