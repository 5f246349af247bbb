package org.equipoise.training.balance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
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
 * @param take what takes a step of the optimiser; see {@link #take(Balance)}
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
    Consumer<Balance> take,
    double share) {

  /**
   * Takes a step of the optimiser before the batch is done, for balancers whose modalities take
   * turns; the batch's last step is the trainer's.
   */
  public void take(Balance balance) {
    take.accept(balance);
  }

  /** The same step with some of the batch's posts alone. */
  public Step select(int[] rows) {
    NDArray places = scope.create(rows);
    Map<String, NDArray> keep = new LinkedHashMap<>();
    input.keep().forEach((view, factors) -> keep.put(view, pick(factors, places)));
    List<DetectionSystem.ViewInput> views =
        input.views().stream()
            .map(
                view ->
                    new DetectionSystem.ViewInput(
                        view.view(),
                        pick(view.values(), places),
                        view.mask().map(mask -> pick(mask, places))))
            .toList();
    Optional<NDArray> events = input.events().map(all -> pick(all, places));
    return new Step(
        system,
        scope,
        new DetectionSystem.Input(views, events, keep),
        new DetectionSystem.Targets(pick(targets.labels(), places), events, targets.epoch()),
        Arrays.stream(rows).mapToLong(row -> labels[row]).toArray(),
        batch,
        batches,
        random,
        take,
        share);
  }

  private static NDArray pick(NDArray rows, NDArray places) {
    return rows.get(new NDIndex("{}", places));
  }

  /** The same step on other input. */
  Step on(DetectionSystem.Input other) {
    return new Step(system, scope, other, targets, labels, batch, batches, random, take, share);
  }

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
