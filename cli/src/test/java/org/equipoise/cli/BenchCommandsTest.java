package org.equipoise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.equipoise.core.io.Json;
import org.equipoise.encoders.EncoderSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code bench} and {@code models list}: what they print has the fields that programs read. */
@Tag("slow")
class BenchCommandsTest {
  private static final List<String> STATISTICS = List.of("min", "median", "p95");

  @ParameterizedTest
  @CsvSource({
    "step, forward backward optimiser matmul",
    "predict, ''",
    "encode, text image",
    "decode, jpeg png"
  })
  void a_benchmark_prints_its_times_and_those_of_its_parts(String what, String parts)
      throws IOException {
    Cli.Answer answer = Cli.run("bench", what, "--repeats", "2", "--threads", "1", "--json");

    assertThat(answer.code()).as(answer.err()).isZero();
    JsonNode json = Json.MAPPER.readTree(answer.out());
    assertThat(json.path("name").asText()).startsWith(what);
    assertThat(json.path("threads").asInt()).isEqualTo(1);
    assertThat(json.path("repeats").asInt()).isEqualTo(2);
    assertThat(json.path("per_second").asDouble()).isPositive();
    for (String figure : STATISTICS) {
      assertThat(json.path("milliseconds").path(figure).asDouble()).isPositive();
    }
    for (String part : parts.isEmpty() ? new String[0] : parts.split(" ")) {
      assertThat(json.path("parts").path(part).path("median").asDouble()).as(part).isPositive();
    }
  }

  @Test
  void encoding_and_decoding_of_ones_own_data_name_their_stages_and_formats(@TempDir Path folder)
      throws IOException {
    Path table = SmallPosts.write(folder.resolve("posts"), 20, 5);
    List<String> encode = new ArrayList<>(List.of("bench", "encode", "--memory", "32m", "--json"));
    encode.addAll(List.of(SmallPosts.data(table)));
    Cli.Answer encoded = Cli.run(encode.toArray(String[]::new));

    assertThat(encoded.code()).as(encoded.err()).isZero();
    JsonNode json = Json.MAPPER.readTree(encoded.out());
    assertThat(json.path("repeats").asInt()).isEqualTo(1);
    assertThat(json.path("stages").path(json.path("bottleneck").asText()).path("share").asDouble())
        .isPositive();
    assertThat(json.path("tokens_per_second").asDouble()).isPositive();

    Cli.Answer decoded =
        Cli.run("bench", "decode", "--images", folder.toString(), "--threads", "2", "--json");
    assertThat(decoded.code()).as(decoded.err()).isZero();
    JsonNode formats = Json.MAPPER.readTree(decoded.out()).path("formats");
    assertThat(formats.isEmpty()).isFalse();
    assertThat(Json.MAPPER.readTree(decoded.out()).path("unusable").asInt()).isEqualTo(1);
    assertThat(Cli.run("bench", "decode", "--images", folder.toString()).out()).contains("prepare");
  }

  @Test
  void every_presets_encoders_are_listed_the_embedded_ones_with_a_hash_the_hubs_with_a_commit()
      throws IOException {
    Cli.Answer answer = Cli.run("models", "list", "--json");

    assertThat(answer.code()).as(answer.err()).isZero();
    JsonNode encoders = Json.MAPPER.readTree(answer.out()).path("encoders");
    assertThat(encoders.findValuesAsText("preset")).containsAll(EncoderSet.presets());
    for (JsonNode encoder : encoders) {
      boolean embedded = encoder.path("encoder").asText().startsWith("builtin/");
      assertThat(encoder.path(embedded ? "sha256" : "revision").asText())
          .as(encoder.toString())
          .matches(embedded ? "[0-9a-f]{64}" : "[0-9a-f]{40}");
      if (embedded) {
        assertThat(encoder.path("width").asInt()).isPositive();
        assertThat(encoder.path("here").asBoolean()).isTrue();
      }
    }
    assertThat(Cli.run("models", "list").out()).contains("text_semantic").contains("sha256");
  }
}
