package org.equipoise.training.balance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.SplittableRandom;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.engine.Engines;
import org.equipoise.systems.layers.Scaling;

/**
 * One batch of training under way, inside a gradient collector.
 *
 * @param system what is trained
 * @param scope arrays of this batch are children of it and freed after the step
 * @param input the batch
 * @param targets what it should be scored as
 * @param labels the same labels as plain numbers
 * @param batch which of the epoch's batches, counted from 0
 * @param batches how many the epoch has
 * @param random the balancer's own random numbers, set anew with each epoch
 * @param share the part of the optimiser's step that this batch makes, 1 unless batches accumulate
 */
public record Step(
    DetectionSystem system,
    NDManager scope,
    DetectionSystem.Input input,
    DetectionSystem.Targets targets,
    long[] labels,
    int batch,
    int batches,
    SplittableRandom random,
    double share) {

  /** Scores the batch as training does, with dropout. */
  public DetectionSystem.Output forward() {
    return system.forward(input, true);
  }

  /** The system's own losses. */
  public DetectionSystem.Losses losses(DetectionSystem.Output output) {
    return system.losses(output, targets);
  }

  /** The epoch, counted from 1. */
  public int epoch() {
    return targets.epoch();
  }

  /** Whether the epoch ends with this batch. */
  public boolean last() {
    return batch + 1 == batches;
  }

  /** Adds a loss's gradient to the parameters' gradients. */
  public void backward(NDArray loss) {
    Engines.backward(share == 1 ? loss : Scaling.times(loss, share), false);
  }

  /** Likewise, for a loss that is followed by another of the same graph. */
  public void backwardKeepingGraph(NDArray loss) {
    Engines.backward(share == 1 ? loss : Scaling.times(loss, share), true);
  }
}
