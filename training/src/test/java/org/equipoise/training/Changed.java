package org.equipoise.training;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.UnaryOperator;
import org.equipoise.core.Form;
import org.equipoise.core.View;
import org.equipoise.core.features.FeatureBatch;
import org.equipoise.core.features.FeatureSource;

/** A source whose batches are changed on the way. */
record Changed(FeatureSource source, UnaryOperator<FeatureBatch> change) implements FeatureSource {
  @Override
  public List<View> views() {
    return source.views();
  }

  @Override
  public Form form() {
    return source.form();
  }

  @Override
  public int size() {
    return source.size();
  }

  @Override
  public String id(int row) {
    return source.id(row);
  }

  @Override
  public FeatureBatch batch(int[] rows) {
    return change.apply(source.batch(rows));
  }

  /** What ends training in the middle, as if the machine went down. */
  static UnaryOperator<FeatureBatch> pullingThePlugAfter(int batches) {
    int[] left = {batches};
    return batch -> {
      if (left[0]-- == 0) {
        throw new CancellationException("plug pulled");
      }
      return batch;
    };
  }
}
