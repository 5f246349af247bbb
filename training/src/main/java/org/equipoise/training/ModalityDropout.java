package org.equipoise.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.equipoise.core.Modality;
import org.equipoise.core.features.FeatureBatch;
import org.equipoise.core.features.FeatureBatch.ViewBatch;

/**
 * Hides one modality of a post at random, so that the network learns to do without. A post that has
 * but one is left as it is.
 */
final class ModalityDropout implements UnaryOperator<FeatureBatch> {
  private final double probability;
  private final SplittableRandom random;

  ModalityDropout(double probability, long seed) {
    this.probability = probability;
    this.random = new SplittableRandom(seed);
  }

  @Override
  public FeatureBatch apply(FeatureBatch batch) {
    if (probability == 0) {
      return batch;
    }
    for (int post = 0; post < batch.posts(); post++) {
      if (random.nextDouble() < probability) {
        List<Modality> there = modalities(batch, post);
        if (there.size() > 1) {
          hide(batch, post, there.get(random.nextInt(there.size())));
        }
      }
    }
    return batch;
  }

  private static List<Modality> modalities(FeatureBatch batch, int post) {
    List<Modality> there = new ArrayList<>();
    for (ViewBatch view : batch.views()) {
      boolean present = false;
      for (int t = 0; t < view.tokens(); t++) {
        present |= view.mask()[post * view.tokens() + t] != 0;
      }
      if (present && !there.contains(view.view().modality())) {
        there.add(view.view().modality());
      }
    }
    return there;
  }

  private static void hide(FeatureBatch batch, int post, Modality modality) {
    for (ViewBatch view : batch.views()) {
      if (view.view().modality() == modality) {
        int tokens = view.tokens();
        int width = view.view().width();
        Arrays.fill(view.mask(), post * tokens, (post + 1) * tokens, 0);
        Arrays.fill(view.values(), post * tokens * width, (post + 1) * tokens * width, 0);
      }
    }
  }
}
