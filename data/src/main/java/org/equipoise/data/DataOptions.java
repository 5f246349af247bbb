package org.equipoise.data;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.equipoise.core.Names;
import org.equipoise.core.WrongUseException;

/**
 * How posts are read, beside the path. Immutable; {@link #DEFAULT} and the {@code with…} methods
 * make every combination.
 */
public final class DataOptions {
  /** Nothing chosen. */
  public static final DataOptions DEFAULT =
      new DataOptions(2, Optional.empty(), Map.of(), Optional.empty(), Optional.empty(), 0, 1);

  /** The fields of a post that {@code --map} can name. */
  static final List<String> FIELDS =
      List.of("id", "text", "images", "label", "event", "time", "language", "split");

  private final int labels;
  private final Optional<Humor> humor;
  private final Map<String, String> columns;
  private final Optional<Incomplete> incomplete;
  private final Optional<Sample> sample;
  private final long seed;
  private final int threads;

  private DataOptions(
      int labels,
      Optional<Humor> humor,
      Map<String, String> columns,
      Optional<Incomplete> incomplete,
      Optional<Sample> sample,
      long seed,
      int threads) {
    this.labels = labels;
    this.humor = humor;
    this.columns = columns;
    this.incomplete = incomplete;
    this.sample = sample;
    this.seed = seed;
    this.threads = threads;
  }

  /**
   * How many posts to draw.
   *
   * @param train posts outside the published test part, or all posts where there is none
   * @param test posts of the test part, where given
   */
  public record Sample(int train, OptionalInt test) {
    /**
     * Reads {@code N} or {@code N,M}.
     *
     * @throws WrongUseException if it is neither
     */
    public static Sample parse(String text) {
      String[] parts = text.split(",", -1);
      try {
        if (parts.length <= 2) {
          int train = Integer.parseInt(parts[0].strip());
          OptionalInt test =
              parts.length == 1
                  ? OptionalInt.empty()
                  : OptionalInt.of(Integer.parseInt(parts[1].strip()));
          if (train > 0 && test.orElse(1) > 0) {
            return new Sample(train, test);
          }
        }
      } catch (NumberFormatException e) {
        throw unreadable(text, e);
      }
      throw unreadable(text, null);
    }

    private static WrongUseException unreadable(String text, Throwable cause) {
      return new WrongUseException(
          "cannot draw a sample of '"
              + text
              + "': give N, or N,M for training and test posts, both above 0",
          cause);
    }

    @Override
    public String toString() {
      return test.isPresent() ? train + "," + test.getAsInt() : Integer.toString(train);
    }
  }

  /**
   * Reads the {@code field=column} pairs of {@code --map}.
   *
   * @throws WrongUseException if a pair has no {@code =} or names no field of a post
   */
  public static Map<String, String> parseColumns(List<String> pairs) {
    Map<String, String> columns = new LinkedHashMap<>();
    for (String pair : pairs) {
      int equals = pair.indexOf('=');
      if (equals < 1 || equals == pair.length() - 1) {
        throw new WrongUseException("cannot map '" + pair + "': write field=column");
      }
      String field = pair.substring(0, equals).strip();
      String known = field.equalsIgnoreCase("image") ? "images" : field;
      columns.put(
          Names.choose("field of a post", known, FIELDS, name -> name),
          pair.substring(equals + 1).strip());
    }
    return columns;
  }

  /**
   * With Fakeddit's 2, 3 or 6 classes.
   *
   * @throws WrongUseException for any other number
   */
  public DataOptions withLabels(int value) {
    if (value != 2 && value != 3 && value != 6) {
      throw new WrongUseException("there are 2, 3 or 6 labels to choose from, not " + value);
    }
    return new DataOptions(value, humor, columns, incomplete, sample, seed, threads);
  }

  /** With that choice for Twitter's {@code humor}. */
  public DataOptions withHumor(Humor value) {
    return new DataOptions(labels, Optional.of(value), columns, incomplete, sample, seed, threads);
  }

  /** With the columns that hold a post's fields, as {@link #parseColumns} gives them. */
  public DataOptions withColumns(Map<String, String> value) {
    return new DataOptions(
        labels,
        humor,
        Collections.unmodifiableMap(new LinkedHashMap<>(value)),
        incomplete,
        sample,
        seed,
        threads);
  }

  /** With that choice for posts that lack one modality. */
  public DataOptions withIncomplete(Incomplete value) {
    return new DataOptions(labels, humor, columns, Optional.of(value), sample, seed, threads);
  }

  /** With a stratified part instead of all posts. */
  public DataOptions withSample(Sample value) {
    return new DataOptions(labels, humor, columns, incomplete, Optional.of(value), seed, threads);
  }

  /** With the seed that draws the sample. */
  public DataOptions withSeed(long value) {
    return new DataOptions(labels, humor, columns, incomplete, sample, value, threads);
  }

  /** With so many threads that decode images. */
  public DataOptions withThreads(int value) {
    return new DataOptions(labels, humor, columns, incomplete, sample, seed, Math.max(1, value));
  }

  /** Fakeddit's number of classes. */
  public int labels() {
    return labels;
  }

  /** What {@code humor} counts as, where chosen. */
  public Optional<Humor> humor() {
    return humor;
  }

  /** Field of a post → column or key of the file. */
  public Map<String, String> columns() {
    return columns;
  }

  /** The choice for posts that lack one modality, where made. */
  public Optional<Incomplete> incomplete() {
    return incomplete;
  }

  /** The part to draw, where asked for. */
  public Optional<Sample> sample() {
    return sample;
  }

  /** The seed that draws the sample. */
  public long seed() {
    return seed;
  }

  /** How many threads decode images. */
  public int threads() {
    return threads;
  }
}
