package org.equipoise.lab.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.features.FeatureBatch;

/** Features drawn by lot, of the paper's views and widths. */
final class PaperSize {
  static final List<View> VIEWS =
      List.of(
          new View("text_pattern", Modality.TEXT, Kind.PATTERN, 768),
          new View("text_semantic", Modality.TEXT, Kind.SEMANTIC, 512),
          new View("image_pattern", Modality.IMAGE, Kind.PATTERN, 1000),
          new View("image_semantic", Modality.IMAGE, Kind.SEMANTIC, 512));

  static final int CLASSES = 2;

  private PaperSize() {}

  static FeatureBatch batch(int posts, int tokens, long seed) {
    Random random = new Random(seed);
    List<FeatureBatch.ViewBatch> views = new ArrayList<>();
    for (View view : VIEWS) {
      float[] values = new float[posts * tokens * view.width()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      float[] mask = new float[posts * tokens];
      Arrays.fill(mask, 1);
      views.add(new FeatureBatch.ViewBatch(view, tokens, values, mask));
    }
    return new FeatureBatch(posts, views);
  }

  static long[] labels(int posts, long seed) {
    return new Random(seed).longs(posts, 0, CLASSES).toArray();
  }
}
