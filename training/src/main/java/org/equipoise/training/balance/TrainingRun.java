package org.equipoise.training.balance;

import java.io.IOException;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.equipoise.core.View;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.training.LabelledPosts;
import org.equipoise.training.Visit;

/** What a balancer may know of the run that it acts on, and what it may ask the trainer for. */
public interface TrainingRun {
  /** The system as adapted. */
  DetectionSystem system();

  /** The posts that are trained on. */
  LabelledPosts training();

  /** The posts that choose the epoch. */
  LabelledPosts validation();

  /** A seed of the balancer's own; the same two always give the same one. */
  long seed(String purpose, long index);

  /** The rows 0 to count − 1, shuffled; the same two always give the same order. */
  int[] shuffled(int count, String purpose);

  /**
   * Scores posts without gradients and without dropout, batch by batch in their order.
   *
   * @param visits rows of the posts, and what is taken out of them
   * @param each is handed each batch's output and its posts' class numbers
   */
  void score(
      LabelledPosts posts, List<Visit> visits, BiConsumer<DetectionSystem.Output, long[]> each);

  /**
   * Trains one epoch with an optimiser that starts afresh; the balancer takes no part.
   *
   * @param visits rows of the training posts
   * @param purpose what the epoch's random numbers hang on, together with the index
   * @param loss what is minimised
   * @return the mean over the batches of the loss's total
   */
  double pass(
      List<Visit> visits, String purpose, int index, Function<Step, DetectionSystem.Losses> loss);

  /**
   * Trains a network of the run's kind on some views alone, without balancer, with the run's seed,
   * posts and settings, to its end; one that an earlier call finished is taken from the run's
   * folder.
   *
   * @param name a folder's name
   * @return the best epoch's network, which the caller closes
   * @throws IOException if the disk fails
   */
  DetectionSystem alone(String name, List<View> views) throws IOException;
}
