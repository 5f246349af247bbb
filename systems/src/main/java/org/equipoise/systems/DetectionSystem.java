package org.equipoise.systems;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.equipoise.core.Clause;
import org.equipoise.core.View;

/**
 * A network with its losses: what is trained on batches and scores them. Its parameters are native
 * memory of its own and are freed by {@link #close}; everything that {@link #forward} and {@link
 * #losses} compute belongs to the input's manager. Not safe for several threads. Whether a graph
 * for gradients is recorded is a matter of the calling thread: inside a gradient collector it is,
 * inside {@link org.equipoise.systems.engine.Engines#withoutGradients} it is not.
 */
public interface DetectionSystem extends AutoCloseable {
  /** The system's name, such as {@code BMLHF}. */
  String name();

  /** The views that it reads, in the order in which its inputs must come. */
  List<View> views();

  /** M, the number of classes. */
  int classes();

  /** What is learnt, by name, in a fixed order. Each array requires a gradient. */
  Map<String, NDArray> parameters();

  /**
   * What is not learnt but changes while training and is kept with the parameters, by name, such as
   * the running means of a batch normalisation.
   */
  default Map<String, NDArray> buffers() {
    return Map.of();
  }

  /**
   * Names of the parameters that belong to one view's branch alone, by view; what a balancer may
   * slow.
   */
  Map<String, List<String>> branches();

  /** What the learning rate of a parameter is multiplied by, by name; 1 where left out. */
  default Map<String, Double> rates() {
    return Map.of();
  }

  /** What a user should know of how it was built, in sentences; mostly nothing. */
  default List<String> warnings() {
    return List.of();
  }

  /**
   * Names of the parameters of the last layer, where that is one dense layer on the views'
   * representations and nothing else; empty where the verdict comes about in another way. A
   * balancer may put a layer of its own in its place.
   */
  default List<String> linearHead() {
    return List.of();
  }

  /** Takes back what {@link #rescale} did: verdicts are the network's own again. */
  default void resetScaling() {}

  /**
   * Lets a system that scales its verdicts after an epoch do so; what it learns is kept in {@link
   * #buffers}.
   *
   * @param recalls {@code [M]}: each class's recall on the validation posts, without scaling
   * @param posts {@code [M]}: how many validation posts each class has
   */
  default void rescale(double[] recalls, int[] posts) {}

  /**
   * Scores a batch.
   *
   * @param input the views' features, in the order of {@link #views}
   * @param training whether dropout acts and batch normalisation uses the batch's own figures
   */
  Output forward(Input input, boolean training);

  /** The losses of a batch that {@link #forward} scored. */
  Losses losses(Output output, Targets targets);

  /**
   * Why the posts of a batch were judged so, for systems that reason by clauses: a list for each
   * post, in which the verdict is the class of the clauses that are most true; empty for other
   * systems.
   *
   * @param output what {@link #forward} gave, not while training
   */
  default List<List<Clause>> clauses(Output output) {
    return List.of();
  }

  /**
   * The losses of a batch that {@link #forward} scored.
   *
   * @param labels {@code [B]}, int64 class numbers
   */
  default Losses losses(Output output, NDArray labels) {
    return losses(output, Targets.of(labels));
  }

  @Override
  void close();

  /**
   * One batch: an entry for each view.
   *
   * @param events {@code [B]} int64: the number of each post's event among the training posts'
   *     events, −1 for none; empty where none is known, as at prediction
   * @param keep by view {@code [B]} float32: what the view's branch's result is multiplied by
   *     before anything else reads it, 0 to take a view out of a post; views left out are kept
   */
  record Input(List<ViewInput> views, Optional<NDArray> events, Map<String, NDArray> keep) {
    public Input {
      views = List.copyOf(views);
      keep = Map.copyOf(keep);
    }

    /** Every view kept, events unknown. */
    public Input(List<ViewInput> views) {
      this(views, Optional.empty(), Map.of());
    }

    /** The same posts with views taken out of some. */
    public Input keeping(Map<String, NDArray> factors) {
      return new Input(views, events, factors);
    }

    /** The same posts with their events. */
    public Input of(NDArray eventNumbers) {
      return new Input(views, Optional.of(eventNumbers), keep);
    }
  }

  /**
   * One view of a batch.
   *
   * @param values {@code [B, T, d]}, zero where masked
   * @param mask {@code [B, T]} float32, 1 for a token that is there; empty where every token is
   */
  record ViewInput(View view, NDArray values, Optional<NDArray> mask) {}

  /**
   * What a batch should have been scored as.
   *
   * @param labels {@code [B]}, int64 class numbers
   * @param events as in {@link Input}
   * @param epoch counted from 1
   */
  record Targets(NDArray labels, Optional<NDArray> events, int epoch) {
    /** Labels alone, in the first epoch. */
    public static Targets of(NDArray labels) {
      return new Targets(labels, Optional.empty(), 1);
    }
  }

  /**
   * What a forward pass gives.
   *
   * @param logits {@code [B, M]}
   * @param viewLogits by view {@code [B, M]}: what a view says alone; 0 for posts that lack it
   * @param viewPresence by view {@code [B]} float32, 1 where the post has the view; a view that
   *     came without a mask is left out
   * @param viewWeights by view {@code [B]}: its share of its modality; empty where the system has
   *     none
   * @param representations by view {@code [B, d_u]}: what its branch made of it before the views
   *     meet, with {@link Input#keep} applied; within the graph for gradients
   * @param fused {@code [B, F]}: what the classifier reads, for contrastive losses and pictures
   * @param stages intermediate results by name: those of the golden vectors, and what the system's
   *     own losses read
   */
  record Output(
      NDArray logits,
      Map<String, NDArray> viewLogits,
      Map<String, NDArray> viewPresence,
      Map<String, NDArray> viewWeights,
      Map<String, NDArray> representations,
      NDArray fused,
      Map<String, NDArray> stages) {

    /** The same with other intermediate results. */
    public Output with(Map<String, NDArray> otherStages) {
      return new Output(
          logits, viewLogits, viewPresence, viewWeights, representations, fused, otherStages);
    }

    /** The same with another verdict. */
    public Output saying(NDArray otherLogits) {
      return new Output(
          otherLogits, viewLogits, viewPresence, viewWeights, representations, fused, stages);
    }
  }

  /**
   * The losses of a batch.
   *
   * @param total scalar; what is minimised
   * @param parts scalars by name, such as {@code classification}, for the record
   */
  record Losses(NDArray total, Map<String, NDArray> parts) {}
}
