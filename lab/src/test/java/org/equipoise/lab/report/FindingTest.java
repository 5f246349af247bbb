package org.equipoise.lab.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import org.equipoise.core.io.Json;
import org.junit.jupiter.api.Test;

class FindingTest {
  @Test
  void aModelWhoseIntervalsLieAboveEveryFloorBeatsThem() throws Exception {
    Finding finding = Finding.of(evaluation("event-disjoint", 48, "[0.2, 0.4]", "[0.01, 0.1]"));

    assertThat(finding.outcome()).isEqualTo(Finding.Outcome.ABOVE);
    assertThat(finding.headline()).isEqualTo("The model beats every floor.");
    assertThat(finding.sentences())
        .containsExactly(
            "It is right on 81.2\u00a0% (95\u00a0% interval 75.0\u00a0% to 88.0\u00a0%) of 1,932"
                + " test posts under the event-disjoint protocol.",
            "That is above the majority floor’s 51.2\u00a0% (+30.0 points, 95\u00a0% interval +20.0"
                + " to +40.0).",
            "That is above the linear floor’s 76.2\u00a0% (+5.0 points, 95\u00a0% interval +1.0 to"
                + " +10.0).");
    assertThat(finding.caution()).isEmpty();
  }

  @Test
  void anIntervalThatHoldsZeroIsNoVictory() throws Exception {
    Finding finding = Finding.of(evaluation("event-disjoint", 48, "[0.2, 0.4]", "[-0.03, 0.1]"));

    assertThat(finding.outcome()).isEqualTo(Finding.Outcome.UNCLEAR);
    assertThat(finding.headline())
        .isEqualTo("The model is not clearly better than the linear floor.");
    assertThat(finding.sentences().get(2))
        .isEqualTo(
            "It cannot be told apart from the linear floor’s 76.2\u00a0% (+5.0 points, 95\u00a0%"
                + " interval −3.0 to +10.0): the interval holds 0.");
  }

  @Test
  void aModelBelowAFloorIsToldSo() throws Exception {
    Finding finding = Finding.of(evaluation("event-disjoint", 12, "[-0.1, 0.1]", "[-0.4, -0.2]"));

    assertThat(finding.outcome()).isEqualTo(Finding.Outcome.BELOW);
    assertThat(finding.headline()).isEqualTo("The model falls below the linear floor.");
    assertThat(finding.caution())
        .hasSize(2)
        .anySatisfy(words -> assertThat(words).contains("Nothing here shows"))
        .anySatisfy(words -> assertThat(words).contains("only 12 images"));
  }

  @Test
  void aRandomSplitComesWithItsWarning() throws Exception {
    Finding finding = Finding.of(evaluation("random", 48, "[0.2, 0.4]", "[0.01, 0.1]"));

    assertThat(finding.caution())
        .singleElement()
        .asString()
        .contains("do not say how the model does on new events");
  }

  @Test
  void anEventWithMostOfThePostsIsNamed() throws Exception {
    JsonNode evaluation =
        Json.MAPPER.readTree(
            "{\"accuracy\":0.5,\"posts\":10,\"events\":{\"a\":{\"posts\":8,\"accuracy\":0.5},"
                + "\"b\":{\"posts\":2,\"accuracy\":0.5}}}");

    assertThat(Finding.of(evaluation).caution())
        .containsExactly(
            "The event “a” holds 80.0\u00a0% of the test posts and rules the accuracy.");
  }

  private static JsonNode evaluation(
      String protocol, int images, String aboveMajority, String aboveLinear)
      throws JsonProcessingException {
    return Json.MAPPER.readTree(
        """
        {"protocol": "%s", "posts": 1932, "accuracy": 0.812,
         "floors": {"majority": {"accuracy": 0.512}, "linear": {"accuracy": 0.762}},
         "intervals": {"accuracy": [0.75, 0.88], "clusters": "image", "cluster_count": %d,
           "above_floors": {"majority": {"accuracy": %s}, "linear": {"accuracy": %s}}}}
        """
            .formatted(protocol, images, aboveMajority, aboveLinear));
  }
}
