package org.equipoise.lab.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;
import org.equipoise.data.DataOptions;
import org.equipoise.data.DataSpec;
import org.equipoise.data.Humor;
import org.equipoise.data.Incomplete;

/**
 * A {@link DataSpec} in the form in which a run stores it, so that {@code evaluate} finds the run's
 * own posts again.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record DataDescription(
    String data,
    int labels,
    String humor,
    Map<String, String> columns,
    String incomplete,
    String sample,
    @JsonProperty("sample_seed") long sampleSeed) {

  static DataDescription of(DataSpec spec, Incomplete incomplete) {
    DataOptions options = spec.options();
    return new DataDescription(
        new DataSpec(spec.format(), spec.path().toAbsolutePath().normalize(), options).toString(),
        options.labels(),
        options.humor().map(Humor::id).orElse(null),
        options.columns(),
        incomplete.id(),
        options.sample().map(DataOptions.Sample::toString).orElse(null),
        options.seed());
  }

  DataSpec spec(int threads) {
    DataOptions options =
        DataOptions.DEFAULT
            .withLabels(labels)
            .withColumns(columns)
            .withIncomplete(Incomplete.of(incomplete))
            .withSeed(sampleSeed)
            .withThreads(threads);
    if (humor != null) {
      options = options.withHumor(Humor.of(humor));
    }
    if (sample != null) {
      options = options.withSample(DataOptions.Sample.parse(sample));
    }
    return DataSpec.parse(data, options);
  }
}
