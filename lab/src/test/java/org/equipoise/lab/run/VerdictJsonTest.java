package org.equipoise.lab.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.equipoise.core.Clause;
import org.equipoise.core.Verdict;
import org.junit.jupiter.api.Test;

class VerdictJsonTest {
  private static Verdict verdict(List<Clause> clauses) {
    return new Verdict("7", "fake", Map.of("fake", 1.0), Map.of(), clauses);
  }

  @Test
  void clausesAreWrittenWithTheirAtoms() {
    Clause clause =
        new Clause(
            "fake",
            3,
            0.25,
            List.of(new Clause.Atom(List.of("token 3", "patch (2, 5)"), 0.5, 0.75, 0.25)));
    assertThat(VerdictJson.of(verdict(List.of(clause))))
        .hasToString(
            "{\"id\":\"7\",\"verdict\":\"fake\",\"probabilities\":{\"fake\":1.0},\"views\":{},"
                + "\"clauses\":[{\"label\":\"fake\",\"round\":3,\"value\":0.25,\"atoms\":[{"
                + "\"objects\":[\"token 3\",\"patch (2, 5)\"],\"truth\":0.5,\"weight\":0.75,"
                + "\"factor\":0.25}]}]}");
  }

  @Test
  void aSystemWithoutClausesHasNoFieldForThem() {
    assertThat(VerdictJson.of(verdict(List.of())).has("clauses")).isFalse();
  }
}
