package org.equipoise.data;

import java.util.function.Consumer;
import org.equipoise.core.Post;
import org.equipoise.core.SkippedPost;
import org.equipoise.core.WrongUseException;

/**
 * Posts as a stream, in the order of the files, in memory that does not grow with their number. A
 * post's {@linkplain Post#images() images} are the files it names, preferred one first, whether or
 * not they exist or decode; {@link Dataset#load} looks into them and finds repeated ids.
 */
public interface PostReader {
  /**
   * Reads everything once. Each post of the files goes to one of the two consumers.
   *
   * @throws WrongUseException if a label is not one of the data set's; the message says where it
   *     stands and what was expected
   * @throws java.io.UncheckedIOException if a file cannot be read
   */
  void forEach(Consumer<? super Post> posts, Consumer<? super SkippedPost> skipped);

  /**
   * Finds the files and looks at their columns.
   *
   * @throws WrongUseException if a path is absent or of the wrong kind, or a column is missing; the
   *     message lists what was expected
   */
  static PostReader open(DataSpec spec) {
    DataOptions options = spec.options();
    return switch (spec.format()) {
      case CANONICAL, JSONL -> new JsonLinesReader(spec);
      case TWITTER -> new TwitterReader(spec.path(), options.humor());
      case WEIBO -> new WeiboReader(spec.path());
      case FAKEDDIT -> new FakedditReader(spec.path(), options.labels());
      case CSV -> new TableReader(spec.path(), options.columns());
    };
  }
}
