package org.equipoise.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.equipoise.core.Form;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.features.FeatureBatch;
import org.equipoise.core.features.FeatureSource;

/** A small made world: four pooled views whose first number tells the class, in plain arrays. */
final class ArrayFeatures implements FeatureSource {
  static final List<View> VIEWS =
      List.of(
          new View("image_pattern", Modality.IMAGE, Kind.PATTERN, 6),
          new View("image_semantic", Modality.IMAGE, Kind.SEMANTIC, 5),
          new View("text_pattern", Modality.TEXT, Kind.PATTERN, 7),
          new View("text_semantic", Modality.TEXT, Kind.SEMANTIC, 4));

  private final List<float[][]> values = new ArrayList<>();
  private final int posts;

  private ArrayFeatures(int posts) {
    this.posts = posts;
  }

  /** Posts in which the sign of a product of text and image decides, plus noise. */
  static LabelledPosts posts(int count, long seed) {
    Random random = new Random(seed);
    ArrayFeatures features = new ArrayFeatures(count);
    int[] labels = new int[count];
    float[] image = new float[count];
    float[] text = new float[count];
    for (int i = 0; i < count; i++) {
      image[i] = random.nextBoolean() ? 2 : -2;
      text[i] = random.nextBoolean() ? 2 : -2;
      labels[i] = image[i] * text[i] > 0 ? 0 : 1;
    }
    for (View view : VIEWS) {
      float[][] rows = new float[count][view.width()];
      for (int i = 0; i < count; i++) {
        for (int d = 0; d < view.width(); d++) {
          rows[i][d] = (float) random.nextGaussian() * 0.3f;
        }
        rows[i][0] += view.modality() == Modality.IMAGE ? image[i] : text[i];
      }
      features.values.add(rows);
    }
    return new LabelledPosts(features, labels);
  }

  @Override
  public List<View> views() {
    return VIEWS;
  }

  @Override
  public Form form() {
    return Form.POOLED;
  }

  @Override
  public int size() {
    return posts;
  }

  @Override
  public String id(int row) {
    return "post-" + row;
  }

  @Override
  public FeatureBatch batch(int[] rows) {
    List<FeatureBatch.ViewBatch> views = new ArrayList<>();
    for (int v = 0; v < VIEWS.size(); v++) {
      int width = VIEWS.get(v).width();
      float[] batch = new float[rows.length * width];
      float[] mask = new float[rows.length];
      Arrays.fill(mask, 1);
      for (int i = 0; i < rows.length; i++) {
        System.arraycopy(values.get(v)[rows[i]], 0, batch, i * width, width);
      }
      views.add(new FeatureBatch.ViewBatch(VIEWS.get(v), 1, batch, mask));
    }
    return new FeatureBatch(rows.length, views);
  }
}
