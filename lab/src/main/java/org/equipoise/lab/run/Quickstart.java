package org.equipoise.lab.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.equipoise.core.Progress;
import org.equipoise.core.config.Settings;
import org.equipoise.core.io.Home;
import org.equipoise.data.DataOptions;
import org.equipoise.data.DataSpec;
import org.equipoise.data.DemoPosts;
import org.equipoise.data.Protocol;
import org.equipoise.encoders.EncoderOptions;

/**
 * The main job on demo posts: they are written and drawn here, then read, encoded, split by event,
 * trained on and reported by the same code as anybody's posts.
 */
public final class Quickstart {
  /** What a reader of the results must know first. */
  public static final String NOTICE =
      "These posts are made up: Equipoise wrote the captions and drew the pictures. A post is real where"
          + " caption and picture tell of the same thing, so neither alone can tell. The figures show that"
          + " the program works, not how well it finds real fake news.";

  private static final long DEMO_SEED = 1;

  private Quickstart() {}

  /**
   * Runs to the end, from wherever an earlier call stopped.
   *
   * @param out the run folder
   * @throws IOException if the disk fails
   */
  public static TrainJob.Outcome run(
      Path out, Settings settings, boolean overwrite, int threads, Progress progress)
      throws IOException {
    Path folder = Home.path().resolve("demo-posts");
    Path posts;
    try (Progress.Task task = progress.start("drawing demo posts", DemoPosts.POSTS)) {
      posts = DemoPosts.write(folder, DEMO_SEED, threads);
      task.step(DemoPosts.POSTS);
    }
    TrainRequest request =
        new TrainRequest(
            DataSpec.parse(posts.toString(), DataOptions.DEFAULT.withThreads(threads)),
            Optional.empty(),
            settings,
            new SplitChoice.Made(Optional.of(Protocol.EVENT_DISJOINT), 1, Set.of(), DEMO_SEED),
            0,
            out,
            true,
            overwrite,
            threads,
            EncoderOptions.threads(threads),
            Optional.of(NOTICE));
    return new TrainJob(request, progress).run();
  }
}
