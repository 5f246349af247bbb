package org.equipoise.lab.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import java.util.Map;
import org.equipoise.core.config.Settings;
import org.equipoise.core.features.FeatureBatch;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.SystemFactory;
import org.equipoise.systems.engine.Engines;
import org.equipoise.training.Scorer;

/** Times how fast a system of the paper's widths scores posts whose features are at hand. */
public final class PredictBench {
  private static final int POSTS = 256;
  private static final int WARM_UP = 3;
  private static final long SEED = 1;

  private final SystemFactory factory;
  private final Settings settings;
  private final int tokens;
  private final int threads;
  private final int repeats;

  /**
   * Prepares.
   *
   * @param tokens tokens per view; 1 for pooled features
   * @param repeats how many batches of {@value #POSTS} posts are timed
   */
  public PredictBench(
      SystemFactory factory, Settings settings, int tokens, int threads, int repeats) {
    this.factory = factory;
    this.settings = settings;
    this.tokens = tokens;
    this.threads = threads;
    this.repeats = repeats;
  }

  /** Measures. */
  public Measurement run() {
    Device device = Engines.start(threads);
    SystemContext context =
        new SystemContext(PaperSize.VIEWS, PaperSize.CLASSES, settings, SEED, device);
    FeatureBatch batch = PaperSize.batch(POSTS, tokens, SEED);
    Samples whole = new Samples();
    try (NDManager manager = NDManager.newBaseManager(device);
        DetectionSystem system = factory.create(context)) {
      Scorer scorer = new Scorer(system, manager);
      for (int i = -WARM_UP; i < repeats; i++) {
        if (i == 0) {
          whole.clear();
        }
        whole.time(() -> scorer.score(batch));
      }
    }
    return Measurement.of("predict " + factory.name(), threads, repeats, whole, POSTS, Map.of());
  }
}
