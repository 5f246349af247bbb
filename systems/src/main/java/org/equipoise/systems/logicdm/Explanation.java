package org.equipoise.systems.logicdm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.equipoise.core.Clause;
import org.equipoise.core.Modality;
import org.equipoise.systems.layers.Concatenation;

/**
 * What is kept of the rounds to tell users of, as arrays by name, and the clauses that come of it:
 * for each class and round the clause that is most true.
 */
final class Explanation {
  private static final String OBJECTS = "objects.";

  private static final String TRUTH = "truth.";
  private static final String CHOICE = "choice.";
  private static final String FACTORS = "factors.";
  private static final String CHOSEN = "chosen.";
  private static final String VALUE = "value.";
  private static final int NUMBERS = 5;
  private static final float NONE = -1;

  private Explanation() {}

  /** The arrays of these rounds. */
  static Map<String, NDArray> of(List<Reasoner.Round> rounds) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    for (int i = 0; i < rounds.size(); i++) {
      Reasoner.Round round = rounds.get(i);
      // seen from the end: the last round is the third, however many are there
      String number = Integer.toString(Reasoner.ROUNDS - rounds.size() + i + 1);
      arrays.put(OBJECTS + number, objects(round));
      arrays.put(TRUTH + number, round.truth());
      arrays.put(CHOICE + number, stacked(round, Reasoner.Sought::choice));
      arrays.put(FACTORS + number, stacked(round, Reasoner.Sought::factors));
      arrays.put(CHOSEN + number, stacked(round, Reasoner.Sought::chosen));
      arrays.put(VALUE + number, stacked(round, Reasoner.Sought::value));
    }
    return arrays;
  }

  private interface Part {
    NDArray of(Reasoner.Sought clause);
  }

  private static NDArray stacked(Reasoner.Round round, Part part) {
    List<NDArray> parts =
        round.clauses().stream().map(clause -> part.of(clause).expandDims(0)).toList();
    return Concatenation.of(parts, 0);
  }

  /** {@code [B, n, 5]}: kind, then place and count of the first and of the second node. */
  private static NDArray objects(Reasoner.Round round) {
    int posts = (int) round.nodes().posts();
    int atoms = (int) round.truth().getShape().get(1);
    float[] objects = new float[posts * atoms * NUMBERS];
    Arrays.fill(objects, NONE);
    int top = atoms / round.kept().size();
    int start = 0;
    for (Map.Entry<ObjectKind, Candidates.Kept> each : round.kept().entrySet()) {
      for (int post = 0; post < posts; post++) {
        int[] places = each.getValue().places()[post];
        for (int i = 0; i < places.length; i++) {
          describe(
              round.nodes(),
              each.getKey(),
              post,
              places[i],
              objects,
              (post * atoms + start + i) * NUMBERS);
        }
      }
      start += top;
    }
    return round.nodes().manager().create(objects, new Shape(posts, atoms, NUMBERS));
  }

  private static void describe(
      Nodes nodes, ObjectKind kind, int post, int place, float[] objects, int from) {
    objects[from] = kind.ordinal();
    List<Modality> parts = kind.parts();
    int seconds = kind.pair() ? (int) nodes.tokens().get(parts.get(1)).count() : 1;
    int[] at = {place / seconds, place % seconds};
    for (int part = 0; part < parts.size(); part++) {
      int[] own = nodes.places().get(parts.get(part)).get(post);
      objects[from + 1 + 2 * part] = Arrays.binarySearch(own, at[part]);
      objects[from + 2 + 2 * part] = own.length;
    }
  }

  /** By post the clauses, by class and round. */
  static List<List<Clause>> read(Map<String, NDArray> arrays, List<String> classNames) {
    List<List<Clause>> clauses = new ArrayList<>();
    for (int number = 1; number <= Reasoner.ROUNDS; number++) {
      if (arrays.containsKey(VALUE + number)) {
        RoundArrays round = RoundArrays.of(arrays, number);
        for (int post = 0; post < round.posts(); post++) {
          if (clauses.size() <= post) {
            clauses.add(new ArrayList<>());
          }
          for (int answer = 0; answer < classNames.size(); answer++) {
            clauses.get(post).add(round.clause(post, answer, classNames.get(answer)));
          }
        }
      }
    }
    return clauses;
  }

  /** A round's arrays as plain numbers; H clauses, B posts, A answers, n atoms. */
  private record RoundArrays(
      int number,
      int sought,
      int posts,
      int answers,
      int atoms,
      float[] objects,
      float[] truth,
      float[] choice,
      float[] factors,
      float[] chosen,
      float[] value) {

    static RoundArrays of(Map<String, NDArray> arrays, int number) {
      Shape shape = arrays.get(CHOICE + number).getShape();
      return new RoundArrays(
          number,
          (int) shape.get(0),
          (int) shape.get(1),
          (int) shape.get(2),
          (int) shape.get(3),
          arrays.get(OBJECTS + number).toFloatArray(),
          arrays.get(TRUTH + number).toFloatArray(),
          arrays.get(CHOICE + number).toFloatArray(),
          arrays.get(FACTORS + number).toFloatArray(),
          arrays.get(CHOSEN + number).toFloatArray(),
          arrays.get(VALUE + number).toFloatArray());
    }

    /** The clause of largest value for that answer. */
    Clause clause(int post, int answer, String className) {
      int best = 0;
      for (int i = 1; i < sought; i++) {
        if (value[row(i, post, answer)] > value[row(best, post, answer)]) {
          best = i;
        }
      }
      int row = row(best, post, answer);
      List<Clause.Atom> members =
          IntStream.range(0, atoms)
              .filter(atom -> chosen[row * atoms + atom] != 0)
              .mapToObj(
                  atom ->
                      new Clause.Atom(
                          objects(post, atom),
                          truth[(post * atoms + atom) * answers + answer],
                          choice[row * atoms + atom],
                          factors[row * atoms + atom]))
              .sorted(Comparator.comparingDouble(Clause.Atom::weight).reversed())
              .toList();
      return new Clause(className, number, value[row], members);
    }

    private int row(int clause, int post, int answer) {
      return (clause * posts + post) * answers + answer;
    }

    private List<String> objects(int post, int atom) {
      int from = (post * atoms + atom) * NUMBERS;
      List<Modality> parts = ObjectKind.values()[(int) objects[from]].parts();
      return IntStream.range(0, parts.size())
          .mapToObj(
              part ->
                  Nodes.describe(
                      parts.get(part),
                      (int) objects[from + 1 + 2 * part],
                      (int) objects[from + 2 + 2 * part]))
          .toList();
    }
  }
}
