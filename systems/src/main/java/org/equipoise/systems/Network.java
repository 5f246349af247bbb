package org.equipoise.systems;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.systems.layers.LayerNorm;
import org.equipoise.systems.layers.Parameters;
import org.equipoise.systems.layers.Tokens;

/**
 * What most systems share: a set of parameters, and views that pass a layer normalisation without
 * anything learnt before the network sees them. Views of the batch that the network does not read
 * are passed over.
 */
public abstract class Network implements DetectionSystem {
  /** What is learnt. */
  protected final Parameters parameters;

  private final String name;
  private final List<View> views;
  private final int classes;
  private final Map<String, LayerNorm> norms = new LinkedHashMap<>();
  private final Map<String, List<String>> prefixes = new LinkedHashMap<>();

  /**
   * Without parameters yet.
   *
   * @param views what it reads, at least one
   * @throws WrongUseException if there is no view, or there are too few classes
   */
  protected Network(String name, List<View> views, SystemContext context) {
    if (views.isEmpty()) {
      throw new WrongUseException(
          "%s finds none of the views that it reads; the features have %s"
              .formatted(name, context.views().stream().map(View::name).toList()));
    }
    if (context.classes() < 2) {
      throw new WrongUseException(
          "%s needs at least 2 classes, the data has %d".formatted(name, context.classes()));
    }
    this.name = name;
    this.views = List.copyOf(views);
    this.classes = context.classes();
    this.parameters = new Parameters(context.seed(), context.device());
    for (View view : views) {
      norms.put(view.name(), LayerNorm.plain(parameters, view.width()));
      prefixes.put(view.name(), List.of());
    }
  }

  /** Says which parameters are a view's own, by how their names begin. */
  protected final void branch(View view, String... beginnings) {
    prefixes.put(view.name(), List.of(beginnings));
  }

  /** The view of that modality that is read. */
  protected final Optional<View> view(Modality modality) {
    return views.stream().filter(view -> view.modality() == modality).findFirst();
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final List<View> views() {
    return views;
  }

  @Override
  public final int classes() {
    return classes;
  }

  @Override
  public final Map<String, NDArray> parameters() {
    return parameters.byName();
  }

  @Override
  public final Map<String, NDArray> buffers() {
    return parameters.kept();
  }

  @Override
  public final Map<String, List<String>> branches() {
    Map<String, List<String>> branches = new LinkedHashMap<>();
    prefixes.forEach(
        (view, beginnings) ->
            branches.put(
                view,
                parameters.byName().keySet().stream()
                    .filter(parameter -> beginnings.stream().anyMatch(parameter::startsWith))
                    .toList()));
    return branches;
  }

  @Override
  public final Output forward(Input input, boolean training) {
    Map<String, Tokens> tokens = new LinkedHashMap<>();
    for (View view : views) {
      ViewInput given =
          input.views().stream()
              .filter(each -> each.view().equals(view))
              .findFirst()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "%s was built for %s, the batch holds %s"
                              .formatted(
                                  name,
                                  views,
                                  input.views().stream().map(ViewInput::view).toList())));
      tokens.put(
          view.name(), new Tokens(norms.get(view.name()).forward(given.values()), given.mask()));
    }
    return forward(new Features(tokens, input.keep()), training);
  }

  /** Scores a batch of normalised features. */
  protected abstract Output forward(Features features, boolean training);

  /**
   * The views of a batch after the layer normalisation.
   *
   * @param tokens by view; 0 where masked
   * @param keep as in {@link DetectionSystem.Input}
   */
  public record Features(Map<String, Tokens> tokens, Map<String, NDArray> keep) {
    /** A view's tokens. */
    public Tokens of(View view) {
      return tokens.get(view.name());
    }

    /** {@code [B, d]}: a view's mean over the tokens that are there. */
    public NDArray pooled(View view) {
      return of(view).mean();
    }

    /** {@code [B, count · d]}: a view's first tokens end to end, zeros where there are fewer. */
    public NDArray flattened(View view, int count) {
      NDArray values = of(view).values();
      long posts = values.getShape().get(0);
      long there = values.getShape().get(1);
      NDArray fitted = values;
      if (there > count) {
        fitted = values.get(":, :{}", count);
      } else if (there < count) {
        Shape missing = new Shape(posts, count - there, view.width());
        fitted = values.concat(values.getManager().zeros(missing, values.getDataType()), 1);
      }
      return fitted.reshape(posts, (long) count * view.width());
    }

    /** By view {@code [B]}, 1 where the post has it; views without a mask are left out. */
    public Map<String, NDArray> presence() {
      Map<String, NDArray> presence = new LinkedHashMap<>();
      tokens.forEach((view, all) -> all.presence().ifPresent(there -> presence.put(view, there)));
      return presence;
    }

    /**
     * What a branch made of its view, as everything else reads it: 0 for posts that lack the view,
     * and multiplied by what it is kept by.
     *
     * @param made {@code [B, d]}
     */
    public NDArray representation(View view, NDArray made) {
      NDArray result = made;
      for (NDArray factor : factors(view).toList()) {
        result = result.mul(factor.reshape(factor.getShape().get(0), 1));
      }
      return result;
    }

    /**
     * {@code [B]}: 1 for posts that have every view and kept it, so that views can be compared;
     * empty where all have.
     */
    public Optional<NDArray> complete() {
      return tokens.keySet().stream()
          .flatMap(
              view ->
                  Stream.concat(
                      tokens.get(view).presence().stream(),
                      Optional.ofNullable(keep.get(view)).stream()
                          .map(factor -> factor.neq(0).toType(factor.getDataType(), false))))
          .reduce(NDArray::mul);
    }

    private Stream<NDArray> factors(View view) {
      return Stream.concat(
          of(view).presence().stream(), Optional.ofNullable(keep.get(view.name())).stream());
    }
  }

  @Override
  public void close() {
    parameters.close();
  }
}
