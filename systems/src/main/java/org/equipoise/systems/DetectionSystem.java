package org.equipoise.systems;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
   * Names of the parameters that belong to one view's branch alone, by view; what a balancer may
   * slow.
   */
  Map<String, List<String>> branches();

  /**
   * Scores a batch.
   *
   * @param input the views' features, in the order of {@link #views}
   * @param training whether dropout acts
   */
  Output forward(Input input, boolean training);

  /**
   * The losses of a batch that {@link #forward} scored.
   *
   * @param labels {@code [B]}, int64 class numbers
   */
  Losses losses(Output output, NDArray labels);

  @Override
  void close();

  /** One batch: an entry for each view. */
  record Input(List<ViewInput> views) {
    public Input {
      views = List.copyOf(views);
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
   * What a forward pass gives.
   *
   * @param logits {@code [B, M]}
   * @param viewLogits by view {@code [B, M]}: what a view says alone; 0 for posts that lack it
   * @param viewPresence by view {@code [B]} float32, 1 where the post has the view; a view that
   *     came without a mask is left out
   * @param viewWeights by view {@code [B]}: its share of its modality; empty where the system has
   *     none
   * @param fused {@code [B, F]}: what the classifier reads, for contrastive losses and pictures
   * @param stages intermediate results by the names of the golden vectors, {@code z.<view>} and so
   *     on
   */
  record Output(
      NDArray logits,
      Map<String, NDArray> viewLogits,
      Map<String, NDArray> viewPresence,
      Map<String, NDArray> viewWeights,
      NDArray fused,
      Map<String, NDArray> stages) {}

  /**
   * The losses of a batch.
   *
   * @param total scalar; what is minimised
   * @param parts scalars by name, such as {@code classification}, for the record
   */
  record Losses(NDArray total, Map<String, NDArray> parts) {}
}
