package org.equipoise.core.features;

import java.util.ArrayList;
import java.util.List;
import org.equipoise.core.Form;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;

/**
 * Some posts and some views of a source; the others cannot be reached through it, so that whoever
 * is handed training posts has no way to test posts.
 */
public final class SelectedFeatures implements FeatureSource {
  private final FeatureSource source;
  private final int[] rows;
  private final List<View> views;
  private final int[] positions;

  /**
   * Selects.
   *
   * @param rows rows of the source, in the order in which they are to be counted from 0
   * @param views views of the source, in the order wanted
   * @throws WrongUseException if the source lacks one of the views
   */
  public SelectedFeatures(FeatureSource source, int[] rows, List<View> views) {
    this.source = source;
    this.rows = rows.clone();
    this.views = List.copyOf(views);
    positions = views.stream().mapToInt(view -> position(source, view)).toArray();
  }

  private static int position(FeatureSource source, View view) {
    int position = source.views().indexOf(view);
    if (position < 0) {
      throw new WrongUseException("the features have no view " + view + ", only " + source.views());
    }
    return position;
  }

  @Override
  public List<View> views() {
    return views;
  }

  @Override
  public Form form() {
    return source.form();
  }

  @Override
  public int size() {
    return rows.length;
  }

  @Override
  public String id(int row) {
    return source.id(rows[row]);
  }

  @Override
  public FeatureBatch batch(int[] selected) {
    int[] inSource = new int[selected.length];
    for (int i = 0; i < selected.length; i++) {
      inSource[i] = rows[selected[i]];
    }
    FeatureBatch batch = source.batch(inSource);
    List<FeatureBatch.ViewBatch> wanted = new ArrayList<>();
    for (int position : positions) {
      wanted.add(batch.views().get(position));
    }
    return new FeatureBatch(batch.posts(), wanted);
  }
}
