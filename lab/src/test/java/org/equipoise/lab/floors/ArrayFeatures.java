package org.equipoise.lab.floors;

import java.util.ArrayList;
import java.util.List;
import org.equipoise.core.Form;
import org.equipoise.core.View;
import org.equipoise.core.features.FeatureBatch;
import org.equipoise.core.features.FeatureSource;

/** Features in arrays: {@code values[post][view]} holds tokens row by row, or is null. */
record ArrayFeatures(List<View> views, float[][][] values) implements FeatureSource {
  @Override
  public Form form() {
    return Form.TOKENS;
  }

  @Override
  public int size() {
    return values.length;
  }

  @Override
  public String id(int row) {
    return "post-" + row;
  }

  @Override
  public FeatureBatch batch(int[] rows) {
    List<FeatureBatch.ViewBatch> batch = new ArrayList<>();
    for (int v = 0; v < views.size(); v++) {
      int width = views.get(v).width();
      int tokens = 1;
      for (int row : rows) {
        tokens = Math.max(tokens, length(row, v) / width);
      }
      float[] numbers = new float[rows.length * tokens * width];
      float[] mask = new float[rows.length * tokens];
      for (int i = 0; i < rows.length; i++) {
        int length = length(rows[i], v);
        if (length > 0) {
          System.arraycopy(values[rows[i]][v], 0, numbers, i * tokens * width, length);
        }
        for (int t = 0; t < length / width; t++) {
          mask[i * tokens + t] = 1;
        }
      }
      batch.add(new FeatureBatch.ViewBatch(views.get(v), tokens, numbers, mask));
    }
    return new FeatureBatch(rows.length, batch);
  }

  private int length(int row, int view) {
    return values[row][view] == null ? 0 : values[row][view].length;
  }
}
