package org.equipoise.systems.qmfnd;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.function.ToDoubleBiFunction;
import org.equipoise.systems.layers.Scaling;

/**
 * The unitary matrices of gate blocks on two wires (a, b), as real matrices on {@code [re; im]}: a
 * complex U becomes {@code [[Re U, −Im U], [Im U, Re U]]}, {@code [8, 8]}, whose products are those
 * of the complex matrices. Rows and columns count part, bit of a, bit of b. {@code R_k(θ) = exp(−iθ
 * σ_k / 2)}.
 *
 * <ul>
 *   <li>pool(θ): RZ(−π/2) on b, CNOT b→a, RZ(θ_0) on a, RY(θ_1) on b, CNOT a→b, RY(θ_2) on b;
 *   <li>conv(θ): the same, then CNOT b→a and RZ(π/2) on a.
 * </ul>
 */
final class Blocks {
  /** Weights of one block. */
  static final int WEIGHTS = 3;

  private static final int SIZE = 8;
  private static final double HALF_TURN = Math.PI;

  private Blocks() {}

  /** Where a basis state goes. */
  private interface Target {
    int of(int a, int b);
  }

  /**
   * The matrix that sends each basis state to another one and turns its phase.
   *
   * @param phase of the state that is left, in radians
   */
  private static NDArray matrix(
      NDManager manager, Target target, ToDoubleBiFunction<Integer, Integer> phase) {
    float[] values = new float[SIZE * SIZE];
    for (int a = 0; a < 2; a++) {
      for (int b = 0; b < 2; b++) {
        int from = 2 * a + b;
        int to = target.of(a, b);
        float cosine = (float) Math.cos(phase.applyAsDouble(a, b));
        float sine = (float) Math.sin(phase.applyAsDouble(a, b));
        values[to * SIZE + from] = cosine;
        values[to * SIZE + from + SIZE / 2] = -sine;
        values[(to + SIZE / 2) * SIZE + from] = sine;
        values[(to + SIZE / 2) * SIZE + from + SIZE / 2] = cosine;
      }
    }
    return manager.create(values, new Shape(SIZE, SIZE));
  }

  /** 1 for a bit of 0, −1 for a bit of 1. */
  private static int sign(int bit) {
    return 1 - 2 * bit;
  }

  /**
   * The pools' matrices, {@code [K, 8, 8]}.
   *
   * @param weights {@code [K, 3]}
   */
  static NDArray pool(NDArray weights) {
    NDManager manager = weights.getManager();
    NDArray cosines = Scaling.times(weights, 0.5).cos();
    NDArray sines = Scaling.times(weights, 0.5).sin();
    NDArray identity = manager.eye(SIZE);
    NDArray turnA = matrix(manager, (a, b) -> 2 * a + b, (a, b) -> -HALF_TURN / 2 * sign(a));
    NDArray turnB = matrix(manager, (a, b) -> 2 * a + 1 - b, (a, b) -> HALF_TURN * b);
    NDArray enter =
        matrix(manager, (a, b) -> 2 * (a ^ b) + b, (a, b) -> HALF_TURN / 4 * sign(b)); // b→a
    NDArray cross = matrix(manager, (a, b) -> 2 * a + (a ^ b), (a, b) -> 0); // a→b
    return rotation(cosines, sines, 2, identity, turnB)
        .matMul(cross)
        .matMul(rotation(cosines, sines, 1, identity, turnB))
        .matMul(rotation(cosines, sines, 0, identity, turnA))
        .matMul(enter);
  }

  /** The convolutions' matrices, {@code [K, 8, 8]}; weights as for {@link #pool}. */
  static NDArray conv(NDArray weights) {
    NDArray leave =
        matrix(
            weights.getManager(),
            (a, b) -> 2 * (a ^ b) + b,
            (a, b) -> -HALF_TURN / 4 * sign(a ^ b));
    return leave.matMul(pool(weights));
  }

  /** {@code cos(θ/2) I + sin(θ/2) G}, {@code [K, 8, 8]}, of the weights in that column. */
  private static NDArray rotation(
      NDArray cosines, NDArray sines, int column, NDArray identity, NDArray generator) {
    return identity
        .mul(cosines.get(":, {}", column).reshape(-1, 1, 1))
        .add(generator.mul(sines.get(":, {}", column).reshape(-1, 1, 1)));
  }
}
