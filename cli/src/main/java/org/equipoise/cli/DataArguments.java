package org.equipoise.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.equipoise.core.WrongUseException;
import org.equipoise.data.DataOptions;
import org.equipoise.data.DataSpec;
import org.equipoise.data.Humor;
import org.equipoise.data.Incomplete;
import picocli.CommandLine.Option;

/** How posts are read; which, say {@link Required} and {@link Given}. */
abstract class DataArguments {
  private static final String DATA = "--data";
  private static final String ABOUT_DATA =
      "A canonical posts file, or FORMAT:PATH with twitter, weibo, fakeddit, csv or jsonl.";

  /** For commands that cannot do without posts. */
  static final class Required extends DataArguments {
    @Option(names = DATA, required = true, paramLabel = "D", description = ABOUT_DATA, order = -100)
    private String data;

    /**
     * What was asked for.
     *
     * @param seed draws the sample
     * @throws WrongUseException if a word or number does not fit
     */
    DataSpec spec(long seed, int threads) {
      return DataSpec.parse(data, options(seed, threads));
    }
  }

  /** For commands that have posts of their own, or take one from the command line. */
  static final class Given extends DataArguments {
    @Option(names = DATA, paramLabel = "D", description = ABOUT_DATA, order = -100)
    private String data;

    /**
     * What was asked for, if anything.
     *
     * @param seed draws the sample
     * @throws WrongUseException if a word or number does not fit, or it is said how to read posts
     *     but not which
     */
    Optional<DataSpec> spec(long seed, int threads) {
      if (data == null) {
        if (anythingAsked()) {
          throw new WrongUseException("it is said how to read posts, but not which: add --data");
        }
        return Optional.empty();
      }
      return Optional.of(DataSpec.parse(data, options(seed, threads)));
    }
  }

  @Option(
      names = "--labels",
      paramLabel = "2|3|6",
      description = "Fakeddit's classes: 2 (default), 3 or 6.")
  private Integer labels;

  @Option(
      names = "--humor",
      paramLabel = "fake|drop",
      description = "What Twitter's label humor counts as, where posts carry it.")
  private String humor;

  @Option(
      names = "--map",
      paramLabel = "field=column",
      description = "Which column of a CSV or key of a JSON line holds a field; repeatable.")
  private List<String> columns = new ArrayList<>();

  @Option(
      names = "--incomplete",
      paramLabel = "drop|keep",
      description =
          "Whether posts that lack text or image take part (default: drop for twitter and"
              + " fakeddit, keep for the others).")
  private String incomplete;

  @Option(
      names = "--sample",
      paramLabel = "N[,M]",
      description = "Draw so many posts, classes in proportion: training and test posts.")
  private String sample;

  final boolean anythingAsked() {
    return labels != null
        || humor != null
        || !columns.isEmpty()
        || incomplete != null
        || sample != null;
  }

  final DataOptions options(long seed, int threads) {
    DataOptions options = DataOptions.DEFAULT.withSeed(seed).withThreads(threads);
    if (labels != null) {
      options = options.withLabels(labels);
    }
    if (humor != null) {
      options = options.withHumor(Humor.of(humor));
    }
    if (!columns.isEmpty()) {
      options = options.withColumns(DataOptions.parseColumns(columns));
    }
    if (incomplete != null) {
      options = options.withIncomplete(Incomplete.of(incomplete));
    }
    if (sample != null) {
      options = options.withSample(DataOptions.Sample.parse(sample));
    }
    return options;
  }
}
