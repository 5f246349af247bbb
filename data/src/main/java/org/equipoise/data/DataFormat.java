package org.equipoise.data;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The layouts that posts can be read from. */
public enum DataFormat {
  /** The project's own JSON Lines. */
  CANONICAL(Incomplete.KEEP, "a canonical posts file (JSON Lines)"),
  /** MediaEval "Verifying Multimedia Use". */
  TWITTER(
      Incomplete.DROP,
      "a folder with devset/posts.txt and/or testset/posts_groundtruth.txt, or one posts file"),
  /** The Weibo posts as the authors of EANN publish them. */
  WEIBO(Incomplete.KEEP, "the folder with tweets/, rumor_images/ and nonrumor_images/"),
  /** Fakeddit's tab-separated files. */
  FAKEDDIT(Incomplete.DROP, "a folder with multimodal_*.tsv and public_image_set/, or one TSV"),
  /** Any table with a header line. */
  CSV(Incomplete.KEEP, "a CSV or TSV file with a header line"),
  /** Any JSON Lines. */
  JSONL(Incomplete.KEEP, "a JSON Lines file");

  private final Incomplete defaultIncomplete;
  private final String expects;

  DataFormat(Incomplete defaultIncomplete, String expects) {
    this.defaultIncomplete = defaultIncomplete;
    this.expects = expects;
  }

  /** The word before the colon; {@code canonical} is what a path without one means. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether posts that lack one modality take part unless the user says otherwise. */
  public Incomplete defaultIncomplete() {
    return defaultIncomplete;
  }

  /** What the path must be, in words. */
  String expects() {
    return expects;
  }

  /** The words that may stand before a colon. */
  static List<String> prefixes() {
    return Arrays.stream(values()).map(DataFormat::id).toList();
  }
}
