package org.equipoise.systems.qmfnd;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.equipoise.systems.layers.Parameters;
import org.equipoise.systems.layers.Scaling;

/**
 * A quantum convolutional circuit, simulated exactly for all posts of a batch at once. Each wire
 * starts as RX(angle) |0⟩. Level by level neighbouring live wires pair up; each pair passes a
 * convolution and a pooling ({@link Blocks}), and its second wire goes on; an odd last wire waits
 * for the next level. The last live wire is read.
 *
 * <p>A state is real and imaginary parts side by side, {@code [B, 2, 2, …, 2]}: the first 2 is the
 * part, the others are the wires. A pair's convolution and pooling are one matrix for the whole
 * batch, and one product applies it.
 */
final class Circuit {
  private static final int PART = -1;

  private final int qubits;
  private final List<Pair> pairs;
  private final NDArray weights;

  /** Two wires that pass a convolution and a pooling, after which b goes on. */
  record Pair(int a, int b) {}

  /**
   * A state of all posts.
   *
   * @param amplitudes {@code [B, 2, …, 2]}
   * @param axes what the axes behind the first are: wires, and {@value #PART} for the parts
   */
  private record State(NDArray amplitudes, List<Integer> axes) {
    /** The same with those axes last, in that order. */
    State ending(List<Integer> last) {
      List<Integer> order = new ArrayList<>(axes);
      order.removeAll(last);
      order.addAll(last);
      if (order.equals(axes)) {
        return this;
      }
      int[] places =
          IntStream.range(0, order.size() + 1)
              .map(i -> i == 0 ? 0 : 1 + axes.indexOf(order.get(i - 1)))
              .toArray();
      return new State(amplitudes.transpose(places), order);
    }
  }

  /**
   * A circuit with parameter {@code weights [3 · blocks]}, drawn from a whole turn: three for each
   * pair's convolution, three for its pooling, in the order of {@link #pairs}.
   *
   * @param qubits q, at least 2
   */
  Circuit(Parameters parameters, int qubits) {
    this.qubits = qubits;
    this.pairs = pairs(qubits);
    this.weights =
        parameters.between("weights", 0, 2 * Math.PI, 2L * Blocks.WEIGHTS * pairs.size());
  }

  /** Which wires pair up, in order. */
  static List<Pair> pairs(int qubits) {
    List<Pair> pairs = new ArrayList<>();
    List<Integer> live = IntStream.range(0, qubits).boxed().toList();
    while (live.size() > 1) {
      List<Integer> next = new ArrayList<>();
      for (int i = 0; i < live.size(); i += 2) {
        if (i + 1 < live.size()) {
          pairs.add(new Pair(live.get(i), live.get(i + 1)));
        }
        next.add(live.get(Math.min(i + 1, live.size() - 1)));
      }
      live = next;
    }
    return pairs;
  }

  /**
   * The probabilities that the last wire is 0 and 1, {@code [B, 2]}.
   *
   * @param angles {@code [B, q]}
   */
  NDArray probabilities(NDArray angles) {
    State last = run(angles).ending(List.of(qubits - 1));
    NDArray rows = last.amplitudes().reshape(angles.getShape().get(0), -1, 2);
    return rows.mul(rows).sum(new int[] {1});
  }

  /** The amplitudes before the last wire is read, {@code [B, 2, 2^q]}; wire 0 counts most. */
  NDArray amplitudes(NDArray angles) {
    return run(angles).ending(axes()).amplitudes().reshape(angles.getShape().get(0), 2, -1);
  }

  private State run(NDArray angles) {
    long posts = angles.getShape().get(0);
    State state = encode(angles);
    Shape shape = state.amplitudes().getShape();
    NDArray unitaries = unitaries(angles.getManager());
    for (int i = 0; i < pairs.size(); i++) {
      State turned = state.ending(List.of(PART, pairs.get(i).a(), pairs.get(i).b()));
      NDArray rows = turned.amplitudes().reshape(posts << (qubits - 2), 8);
      NDArray passed = rows.matMul(unitaries.get(i).transpose());
      state = new State(passed.reshape(shape), turned.axes());
    }
    return state;
  }

  /** Each pair's convolution and pooling as one matrix, {@code [pairs, 8, 8]}. */
  private NDArray unitaries(NDManager manager) {
    // what is made of parameters alone would live as long as they do
    NDArray own = manager.zeros(weights.getShape()).add(weights);
    NDArray blocks = own.reshape(pairs.size(), 2, Blocks.WEIGHTS);
    return Blocks.pool(blocks.get(":, 1")).matMul(Blocks.conv(blocks.get(":, 0")));
  }

  /**
   * The product of the wires' states {@code [cos(θ/2), −i sin(θ/2)]}: the size of an amplitude is a
   * product of sines and cosines, its phase {@code (−i)^n} for n wires at 1.
   */
  private State encode(NDArray angles) {
    long posts = angles.getShape().get(0);
    NDArray half = Scaling.times(angles, 0.5);
    NDArray wires = half.cos().stack(half.sin(), 2); // [B, q, 2]
    NDArray sizes = wires.get(":, 0");
    for (int wire = 1; wire < qubits; wire++) {
      sizes =
          sizes
              .reshape(posts, -1, 1)
              .mul(wires.get(":, {}", wire).reshape(posts, 1, 2))
              .reshape(posts, -1);
    }
    int states = 1 << qubits;
    float[] phases = new float[2 * states];
    for (int state = 0; state < states; state++) {
      int ones = Integer.bitCount(state);
      phases[(ones % 2) * states + state] = ones % 4 == 0 || ones % 4 == 3 ? 1 : -1;
    }
    NDArray phase = angles.getManager().create(phases, new Shape(1, 2, states));
    NDArray amplitudes = sizes.reshape(posts, 1, states).mul(phase);
    long[] shape = new long[qubits + 2];
    Arrays.fill(shape, 2);
    shape[0] = posts;
    return new State(amplitudes.reshape(shape), axes());
  }

  /** The parts, then the wires in order. */
  private List<Integer> axes() {
    return IntStream.range(PART, qubits).boxed().toList();
  }
}
