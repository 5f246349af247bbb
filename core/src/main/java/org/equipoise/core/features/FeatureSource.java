package org.equipoise.core.features;

import java.util.List;
import org.equipoise.core.Form;
import org.equipoise.core.View;

/** Posts' features by row: a store on disk, or arrays in memory. Safe for several threads. */
public interface FeatureSource {
  /** The views, in order. */
  List<View> views();

  /** Tokens, or one row a post. */
  Form form();

  /** How many posts there are. */
  int size();

  /** The id of the post in a row. */
  String id(int row);

  /** Features of the posts in these rows, in this order. */
  FeatureBatch batch(int[] rows);
}
