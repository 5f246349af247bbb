package org.equipoise.systems;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.View;

/**
 * Made posts of random sizes: each class has a direction in every view, and noise is added. Some
 * posts lack tokens, some a modality; none lacks both.
 *
 * @param views what the posts have, in order
 * @param members the posts, with their views
 * @param labels their classes
 * @param classes M
 */
record World(List<View> views, List<Post> members, int[] labels, int classes) {
  /** How many events the posts come from; a few posts come from none. */
  static final int EVENTS = 3;

  /** By view {@code [T][d]}; empty for a view that it lacks. */
  record Post(List<float[][]> views) {}

  static World random(int seed, int posts) {
    Random random = new Random(seed * 7919L + 17);
    List<View> views = new ArrayList<>();
    for (Modality modality : List.of(Modality.IMAGE, Modality.TEXT)) {
      for (Kind kind : Kind.values()) {
        String name = modality.id() + "_" + kind.id();
        views.add(new View(name, modality, kind, 5 + random.nextInt(6)));
      }
    }
    int classes = 2 + random.nextInt(2);
    int[] labels = IntStream.range(0, posts).map(i -> i % classes).toArray();
    List<float[][]> directions =
        views.stream().map(view -> gaussian(random, classes, view.width(), 2)).toList();
    List<Post> made = new ArrayList<>();
    for (int i = 0; i < posts; i++) {
      Optional<Modality> lacking =
          i % 5 == 4
              ? Optional.of(random.nextBoolean() ? Modality.IMAGE : Modality.TEXT)
              : Optional.empty();
      List<float[][]> ofPost = new ArrayList<>();
      for (int v = 0; v < views.size(); v++) {
        View view = views.get(v);
        int tokens =
            lacking.filter(view.modality()::equals).isPresent() ? 0 : 1 + random.nextInt(4);
        float[][] values = gaussian(random, tokens, view.width(), 0.5);
        for (float[] token : values) {
          for (int d = 0; d < token.length; d++) {
            token[d] += directions.get(v)[labels[i]][d];
          }
        }
        ofPost.add(values);
      }
      made.add(new Post(ofPost));
    }
    return new World(views, made, labels, classes);
  }

  private static float[][] gaussian(Random random, int rows, int width, double size) {
    float[][] values = new float[rows][width];
    for (float[] row : values) {
      for (int d = 0; d < width; d++) {
        row[d] = (float) (size * random.nextGaussian());
      }
    }
    return values;
  }

  int posts() {
    return members.size();
  }

  World withClasses(int fewer) {
    return new World(
        views, members, Arrays.stream(labels).map(label -> label % fewer).toArray(), fewer);
  }

  /** Only posts that lack nothing. */
  World complete() {
    return select(
        IntStream.range(0, posts())
            .filter(i -> members.get(i).views().stream().allMatch(view -> view.length > 0))
            .toArray());
  }

  World select(int[] rows) {
    return new World(
        views,
        Arrays.stream(rows).mapToObj(members::get).toList(),
        Arrays.stream(rows).map(row -> labels[row]).toArray(),
        classes);
  }

  /** The first token of every view. */
  World pooled() {
    return new World(
        views,
        members.stream()
            .map(
                post ->
                    new Post(
                        post.views().stream()
                            .map(view -> Arrays.copyOf(view, Math.min(1, view.length)))
                            .toList()))
            .toList(),
        labels,
        classes);
  }

  /** The views of one modality, of posts that have it. */
  World only(String modality) {
    List<Integer> kept =
        IntStream.range(0, views.size())
            .filter(v -> views.get(v).modality().id().equals(modality))
            .boxed()
            .toList();
    World all = complete();
    return new World(
        kept.stream().map(views::get).toList(),
        all.members.stream()
            .map(post -> new Post(kept.stream().map(post.views()::get).toList()))
            .toList(),
        all.labels,
        classes);
  }

  int[] permutation() {
    int[] order = IntStream.range(0, posts()).map(i -> posts() - 1 - i).toArray();
    int first = order[0];
    order[0] = order[posts() / 2];
    order[posts() / 2] = first;
    return order;
  }

  DetectionSystem.Input input(NDManager manager) {
    List<DetectionSystem.ViewInput> inputs = new ArrayList<>();
    for (int v = 0; v < views.size(); v++) {
      inputs.add(view(manager, v));
    }
    return new DetectionSystem.Input(inputs).of(manager.create(events()));
  }

  private DetectionSystem.ViewInput view(NDManager manager, int v) {
    View view = views.get(v);
    int tokens =
        Math.max(1, members.stream().mapToInt(p -> p.views().get(v).length).max().orElse(1));
    float[] values = new float[posts() * tokens * view.width()];
    float[] mask = new float[posts() * tokens];
    for (int i = 0; i < posts(); i++) {
      float[][] given = members.get(i).views().get(v);
      for (int t = 0; t < given.length; t++) {
        int place = i * tokens + t;
        System.arraycopy(given[t], 0, values, place * view.width(), view.width());
        mask[place] = 1;
      }
    }
    boolean complete = IntStream.range(0, mask.length).allMatch(i -> mask[i] == 1);
    NDArray array = manager.create(values, new Shape(posts(), tokens, view.width()));
    return new DetectionSystem.ViewInput(
        view,
        array,
        complete
            ? Optional.empty()
            : Optional.of(manager.create(mask, new Shape(posts(), tokens))));
  }

  DetectionSystem.Targets targets(NDManager manager, int epoch) {
    return new DetectionSystem.Targets(
        manager.create(Arrays.stream(labels).asLongStream().toArray()),
        Optional.of(manager.create(events())),
        epoch);
  }

  private long[] events() {
    return IntStream.range(0, posts()).mapToLong(i -> i % 4 == 3 ? -1 : i % EVENTS).toArray();
  }

  @Override
  public String toString() {
    return "%d classes, widths %s".formatted(classes, views.stream().map(View::width).toList());
  }
}
