package org.equipoise.training.balance;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemContext;
import org.equipoise.training.Visit;

/**
 * Keeps a system's modalities in balance. The trainer consults it at the moments that its methods
 * name, in their order here; each does nothing unless a balancer says otherwise. A balancer knows
 * views and modalities by name alone and works for any number of them. Not safe for several
 * threads; one object serves one run.
 *
 * <p>Whatever it draws at random comes from {@link Step#random} or {@link TrainingRun#seed}, and
 * whatever it remembers from epoch to epoch is in {@link #state}, so that a resumed run ends with
 * the same bytes.
 */
public interface Balancer extends AutoCloseable {
  /** The name that users type. */
  String name();

  /** What a reader of the run's results must know, where the balancer changes what is measured. */
  default Optional<String> notice() {
    return Optional.empty();
  }

  /**
   * Whether {@link #learn} rewrites gradients, so that each batch needs a step of its own and
   * {@code training.accumulate} must be 1.
   */
  default boolean changesGradients() {
    return false;
  }

  /**
   * Puts what the balancer needs into the network, such as heads of its own. Called once, for
   * training and for prediction alike.
   *
   * @param system freshly built; what is returned closes it
   * @return the system that is trained, stored and asked for verdicts
   * @throws org.equipoise.core.WrongUseException if the two cannot work together; says why
   */
  default DetectionSystem adapt(DetectionSystem system, SystemContext context) {
    return system;
  }

  /**
   * Before training, while the system's parameters are still the initial ones, also of a run that
   * is gone on with.
   *
   * @throws org.equipoise.core.WrongUseException if run and balancer cannot work together; says why
   * @throws IOException if the disk fails
   */
  default void begin(TrainingRun run) throws IOException {}

  /** Brings back what {@link #state} gave after the last finished epoch. */
  default void restore(Map<String, double[]> state) {}

  /**
   * Before an epoch.
   *
   * @param epoch counted from 1
   * @param posts every training post once
   * @return the posts that the epoch visits, in any order: the trainer shuffles them
   * @throws IOException if the disk fails
   */
  default List<Visit> beforeEpoch(int epoch, List<Visit> posts) throws IOException {
    return posts;
  }

  /** One batch: forward pass, loss, backward pass, and what the optimiser's step is to be. */
  default Learnt learn(Step step) {
    DetectionSystem.Output output = step.forward();
    DetectionSystem.Losses losses = weigh(step, output, step.losses(output));
    step.backward(losses.total());
    return new Learnt(losses, judge(step, output));
  }

  /** After the loss: changes what is minimised. */
  default DetectionSystem.Losses weigh(
      Step step, DetectionSystem.Output output, DetectionSystem.Losses losses) {
    return losses;
  }

  /** Before the step, with the gradients there: changes them, or how far the step goes. */
  default Balance judge(Step step, DetectionSystem.Output output) {
    return Balance.watching(ViewFigures.of(output, step.labels()));
  }

  /**
   * After an epoch, before validation.
   *
   * @param epoch counted from 1
   */
  default void afterEpoch(int epoch) {}

  /** What it remembers, by name; stored with each epoch's checkpoint. */
  default Map<String, double[]> state() {
    return Map.of();
  }

  /** Frees what {@link #begin} opened. */
  @Override
  default void close() {}
}
