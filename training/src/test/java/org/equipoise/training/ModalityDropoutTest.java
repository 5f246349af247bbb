package org.equipoise.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.equipoise.core.Modality;
import org.equipoise.core.features.FeatureBatch;
import org.equipoise.core.features.FeatureBatch.ViewBatch;
import org.junit.jupiter.api.Test;

class ModalityDropoutTest {
  private static FeatureBatch batch(int posts) {
    return ArrayFeatures.posts(posts, 3).features().batch(IntStream.range(0, posts).toArray());
  }

  private static boolean there(FeatureBatch batch, int post, Modality modality) {
    return batch.views().stream()
        .filter(view -> view.view().modality() == modality)
        .allMatch(view -> view.mask()[post] == 1);
  }

  @Test
  void hidesOneModalityOfAboutTheGivenShareOfPostsAndNeverBoth() {
    FeatureBatch batch = new ModalityDropout(0.3, 11).apply(batch(2000));
    int hidden = 0;
    for (int post = 0; post < batch.posts(); post++) {
      boolean image = there(batch, post, Modality.IMAGE);
      boolean text = there(batch, post, Modality.TEXT);
      assertThat(image || text).isTrue();
      hidden += image && text ? 0 : 1;
    }
    assertThat(hidden).isBetween(520, 680);
  }

  @Test
  void hiddenTokensAreZero() {
    FeatureBatch batch = new ModalityDropout(1, 11).apply(batch(50));
    for (ViewBatch view : batch.views()) {
      for (int post = 0; post < batch.posts(); post++) {
        if (view.mask()[post] == 0) {
          for (int d = 0; d < view.view().width(); d++) {
            assertThat(view.values()[post * view.view().width() + d]).isZero();
          }
        }
      }
    }
  }

  @Test
  void aPostWithOneModalityKeepsIt() {
    FeatureBatch batch = batch(20);
    for (ViewBatch view : batch.views()) {
      if (view.view().modality() == Modality.IMAGE) {
        Arrays.fill(view.mask(), 0);
      }
    }
    new ModalityDropout(1, 11).apply(batch);
    for (int post = 0; post < batch.posts(); post++) {
      assertThat(there(batch, post, Modality.TEXT)).isTrue();
    }
  }
}
