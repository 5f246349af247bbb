package org.equipoise.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How tests train: a network so small that a run takes seconds. */
final class SmallRun {
  private static final List<String> SMALL =
      List.of(
          "features.form=pooled",
          "bmlhf.width=16",
          "bmlhf.heads=2",
          "bmlhf.layers=1",
          "bmlhf.feed_forward=32",
          "bmlhf.attention=8");

  private SmallRun() {}

  /** {@code train} on a table of {@link SmallPosts}, with further words at the end. */
  static String[] train(Path table, Path out, int epochs, String... more) {
    List<String> words = new ArrayList<>(List.of("train", "--threads", "1"));
    words.addAll(List.of(SmallPosts.data(table)));
    words.addAll(List.of("--protocol", "random", "--out", out.toString()));
    words.addAll(List.of("--set", "training.epochs=" + epochs));
    // stops when it is told to, not when it happens to get no better
    words.addAll(List.of("--set", "training.patience=" + epochs));
    for (String setting : SMALL) {
      words.addAll(List.of("--set", setting));
    }
    words.addAll(List.of(more));
    return words.toArray(String[]::new);
  }
}
