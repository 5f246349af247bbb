package org.equipoise.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.equipoise.core.features.FeatureBatch;
import org.equipoise.core.features.FeatureBatch.ViewBatch;
import org.equipoise.systems.DetectionSystem;

/** Moves batches from plain arrays into the engine. */
public final class Inputs {
  private Inputs() {}

  /** The batch as arrays of that manager, with events, and views taken out where it says so. */
  static DetectionSystem.Input of(NDManager manager, Batches.Batch batch) {
    Map<String, NDArray> keep = new LinkedHashMap<>();
    batch.keep().forEach((view, factors) -> keep.put(view, manager.create(factors)));
    return new DetectionSystem.Input(
        of(manager, batch.features()).views(), batch.events().map(manager::create), keep);
  }

  /** The batch as arrays of that manager. */
  public static DetectionSystem.Input of(NDManager manager, FeatureBatch batch) {
    List<DetectionSystem.ViewInput> views = new ArrayList<>();
    for (ViewBatch view : batch.views()) {
      NDArray values =
          manager.create(
              view.values(), new Shape(batch.posts(), view.tokens(), view.view().width()));
      Optional<NDArray> mask =
          view.complete()
              ? Optional.empty()
              : Optional.of(manager.create(view.mask(), new Shape(batch.posts(), view.tokens())));
      views.add(new DetectionSystem.ViewInput(view.view(), values, mask));
    }
    return new DetectionSystem.Input(views);
  }
}
