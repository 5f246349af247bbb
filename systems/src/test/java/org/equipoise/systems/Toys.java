package org.equipoise.systems;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.config.Schema;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem.Input;
import org.equipoise.systems.DetectionSystem.ViewInput;

/** Small posts drawn by lot, and systems built for them. */
public final class Toys {
  /** A pattern view of text and one of images. */
  public static final List<View> VIEWS =
      List.of(
          new View("text_pattern", Modality.TEXT, Kind.PATTERN, 8),
          new View("image_pattern", Modality.IMAGE, Kind.PATTERN, 9));

  /** Two classes. */
  public static final List<String> CLASSES = List.of("fake", "real");

  private Toys() {}

  /**
   * A post's features.
   *
   * @param tokens by view {@code [T][d]}; a view without tokens is absent
   */
  public record Toy(Map<String, float[][]> tokens) {
    /** The same without a view. */
    public Toy without(String view) {
      Map<String, float[][]> kept = new LinkedHashMap<>(tokens);
      kept.put(view, new float[0][]);
      return new Toy(kept);
    }
  }

  /** A post with one to so many tokens a view. */
  public static Toy random(Random random, int mostTokens) {
    Map<String, float[][]> tokens = new LinkedHashMap<>();
    for (View view : VIEWS) {
      float[][] values = new float[1 + random.nextInt(mostTokens)][view.width()];
      for (float[] token : values) {
        for (int i = 0; i < token.length; i++) {
          token[i] = (float) random.nextGaussian();
        }
      }
      tokens.put(view.name(), values);
    }
    return new Toy(tokens);
  }

  /** Posts drawn so. */
  public static List<Toy> random(Random random, int mostTokens, int posts) {
    return java.util.stream.Stream.generate(() -> random(random, mostTokens)).limit(posts).toList();
  }

  /**
   * A batch padded to its longest post, or further.
   *
   * @param padding masked tokens beyond the longest post's
   */
  public static Input batch(NDManager manager, List<Toy> posts, int padding) {
    List<ViewInput> views = new ArrayList<>();
    for (View view : VIEWS) {
      int longest =
          posts.stream()
              .mapToInt(post -> post.tokens().get(view.name()).length)
              .max()
              .orElseThrow();
      int tokens = Math.max(1, longest) + padding;
      float[] values = new float[posts.size() * tokens * view.width()];
      float[] mask = new float[posts.size() * tokens];
      boolean complete = true;
      for (int post = 0; post < posts.size(); post++) {
        float[][] own = posts.get(post).tokens().get(view.name());
        for (int t = 0; t < own.length; t++) {
          mask[post * tokens + t] = 1;
          System.arraycopy(own[t], 0, values, (post * tokens + t) * view.width(), view.width());
        }
        complete &= own.length == tokens;
      }
      Shape shape = new Shape(posts.size(), tokens, view.width());
      views.add(
          new ViewInput(
              view,
              manager.create(FloatBuffer.wrap(values), shape, DataType.FLOAT32),
              complete
                  ? Optional.empty()
                  : Optional.of(manager.create(mask, new Shape(posts.size(), tokens)))));
    }
    return new Input(views);
  }

  /** Class numbers in turn. */
  public static long[] labels(int posts, int classes) {
    return java.util.stream.LongStream.range(0, posts).map(post -> post % classes).toArray();
  }

  /** What a system of those views is built for, with settings changed from their defaults. */
  public static SystemContext context(
      SystemFactory factory, List<View> views, int events, UnaryOperator<Settings> change) {
    Settings defaults = Schema.of(factory.settings()).defaults();
    return new SystemContext(views, CLASSES, events, change.apply(defaults), 5, Device.cpu());
  }

  /**
   * Takes so many steps of Adam on one batch.
   *
   * @param rate η
   */
  public static void train(
      DetectionSystem system, List<Toy> posts, long[] labels, int steps, double rate) {
    Map<String, double[]> first = new LinkedHashMap<>();
    Map<String, double[]> second = new LinkedHashMap<>();
    for (int step = 1; step <= steps; step++) {
      try (NDManager manager = NDManager.newBaseManager();
          GradientCollector collector = manager.getEngine().newGradientCollector()) {
        DetectionSystem.Output output = system.forward(batch(manager, posts, 0), true);
        collector.backward(system.losses(output, manager.create(labels)).total());
        for (Map.Entry<String, NDArray> each : system.parameters().entrySet()) {
          int size = (int) each.getValue().size();
          double[] mean = first.computeIfAbsent(each.getKey(), name -> new double[size]);
          double[] square = second.computeIfAbsent(each.getKey(), name -> new double[size]);
          FloatBuffer values = each.getValue().toByteBuffer(true).asFloatBuffer();
          try (NDArray gradient = each.getValue().getGradient()) {
            float[] g = gradient.toFloatArray();
            gradient.toByteBuffer(true).asFloatBuffer().put(new float[size]);
            for (int i = 0; i < size; i++) {
              mean[i] += 0.1 * (g[i] - mean[i]);
              square[i] += 0.001 * ((double) g[i] * g[i] - square[i]);
              double direction =
                  mean[i]
                      / (1 - Math.pow(0.9, step))
                      / (Math.sqrt(square[i] / (1 - Math.pow(0.999, step))) + 1e-8);
              values.put(i, (float) (values.get(i) - rate * direction));
            }
          }
        }
      }
    }
  }
}
