package org.equipoise.systems.logicdm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.equipoise.core.Modality;
import org.equipoise.systems.layers.Concatenation;
import org.equipoise.systems.layers.Tokens;

/**
 * The nodes of a batch's graphs: a post's text tokens and image patches.
 *
 * @param tokens by modality {@code [B, n, D]}; text first
 * @param places by modality and post: where the tokens that are there stand
 */
record Nodes(Map<Modality, Tokens> tokens, Map<Modality, List<int[]>> places) {
  /** Those of these tokens. */
  static Nodes of(Map<Modality, Tokens> tokens) {
    Map<Modality, List<int[]>> places = new EnumMap<>(Modality.class);
    tokens.forEach((modality, each) -> places.put(modality, places(each)));
    return new Nodes(tokens, places);
  }

  private static List<int[]> places(Tokens tokens) {
    int count = (int) tokens.count();
    Optional<float[]> mask = tokens.mask().map(NDArray::toFloatArray);
    List<int[]> places = new ArrayList<>();
    for (int post = 0; post < tokens.posts(); post++) {
      int start = post * count;
      places.add(
          IntStream.range(0, count)
              .filter(i -> mask.isEmpty() || mask.get()[start + i] != 0)
              .toArray());
    }
    return places;
  }

  /** B. */
  long posts() {
    return tokens.values().iterator().next().posts();
  }

  /** What the nodes belong to. */
  NDManager manager() {
    return tokens.values().iterator().next().values().getManager();
  }

  /** D. */
  long width() {
    return tokens.values().iterator().next().values().getShape().get(2);
  }

  /** Which of a modality's nodes a post has. */
  boolean[] there(Modality modality, int post) {
    boolean[] there = new boolean[(int) tokens.get(modality).count()];
    for (int place : places.get(modality).get(post)) {
      there[place] = true;
    }
    return there;
  }

  /** All nodes, {@code [B, N, D]}. */
  NDArray joined() {
    return Concatenation.of(tokens.values().stream().map(Tokens::values).toList(), 1);
  }

  /** The same nodes with other values, {@code [B, N, D]}; 0 where masked. */
  Nodes with(NDArray joined) {
    Map<Modality, Tokens> changed = new LinkedHashMap<>();
    long from = 0;
    for (Map.Entry<Modality, Tokens> each : tokens.entrySet()) {
      long to = from + each.getValue().count();
      changed.put(each.getKey(), each.getValue().with(joined.get(":, {}:{}", from, to)).masked());
      from = to;
    }
    return new Nodes(changed, places);
  }

  /**
   * Who is joined to whom, {@code [B, N, N]}: text tokens that follow each other, patches that
   * touch on the image's grid (8 neighbours), every token and every patch, and each node to itself.
   */
  NDArray adjacency() {
    int nodes = tokens.values().stream().mapToInt(each -> (int) each.count()).sum();
    float[] edges = new float[(int) posts() * nodes * nodes];
    for (int post = 0; post < posts(); post++) {
      boolean[][] joined = new boolean[nodes][nodes];
      int start = 0;
      List<Integer> before = new ArrayList<>();
      for (Map.Entry<Modality, Tokens> each : tokens.entrySet()) {
        int[] own = places.get(each.getKey()).get(post);
        int columns =
            each.getKey() == Modality.IMAGE ? columns(own.length) : Math.max(1, own.length);
        for (int i = 0; i < own.length; i++) {
          for (int j = 0; j < own.length; j++) {
            joined[start + own[i]][start + own[j]] =
                Math.abs(i / columns - j / columns) <= 1
                    && Math.abs(i % columns - j % columns) <= 1;
          }
          for (int other : before) {
            joined[start + own[i]][other] = true;
            joined[other][start + own[i]] = true;
          }
        }
        for (int place : own) {
          before.add(start + place);
        }
        start += (int) each.getValue().count();
      }
      for (int i = 0; i < nodes; i++) {
        joined[i][i] = true;
        for (int j = 0; j < nodes; j++) {
          edges[(post * nodes + i) * nodes + j] = joined[i][j] ? 1 : 0;
        }
      }
    }
    return manager().create(edges, new Shape(posts(), nodes, nodes));
  }

  /** How many columns the grid of so many patches has: the most nearly square one. */
  static int columns(int patches) {
    int rows = (int) Math.sqrt(patches);
    while (rows > 1 && patches % rows != 0) {
      rows--;
    }
    return rows < 1 ? 1 : patches / rows;
  }

  /** What users are told a node is, by its place among the post's own, from 0. */
  static String describe(Modality modality, int rank, int count) {
    if (count == 1) {
      return "the whole " + modality.id();
    }
    if (modality == Modality.TEXT) {
      return "token " + (rank + 1);
    }
    int columns = columns(count);
    return "patch (%d, %d)".formatted(rank / columns + 1, rank % columns + 1);
  }
}
