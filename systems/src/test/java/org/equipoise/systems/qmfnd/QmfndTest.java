package org.equipoise.systems.qmfnd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Schema;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.Toys;
import org.equipoise.systems.engine.Engines;
import org.equipoise.systems.layers.Parameters;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class QmfndTest {
  private static final int POSTS = 3;

  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  static IntStream qubits() {
    return IntStream.rangeClosed(2, 12);
  }

  private static float[] angles(int qubits) {
    Random random = new Random(qubits);
    float[] angles = new float[POSTS * qubits];
    for (int i = 0; i < angles.length; i++) {
      angles[i] = (float) (2 * Math.PI * random.nextDouble());
    }
    return angles;
  }

  /** ⟨Z⟩ of the last wire, added up over the posts. */
  private static double expectation(Circuit circuit, float[] angles) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray given = manager.create(angles, new Shape(POSTS, angles.length / POSTS));
      float[] probabilities =
          Engines.withoutGradients(() -> circuit.probabilities(given).toFloatArray());
      double sum = 0;
      for (int post = 0; post < POSTS; post++) {
        sum += (double) probabilities[2 * post] - probabilities[2 * post + 1];
      }
      return sum;
    }
  }

  @ParameterizedTest
  @MethodSource("qubits")
  void theStateVectorStaysNormalised(int qubits) {
    try (Parameters parameters = new Parameters(1, Device.cpu());
        NDManager manager = NDManager.newBaseManager()) {
      Circuit circuit = new Circuit(parameters, qubits);
      NDArray given = manager.create(angles(qubits), new Shape(POSTS, qubits));
      NDArray state = circuit.amplitudes(given);
      assertThat(state.getShape().getShape()).containsExactly(POSTS, 2, 1L << qubits);
      for (float norm : state.mul(state).sum(new int[] {1, 2}).toFloatArray()) {
        assertThat(norm).isCloseTo(1, within(1e-5f));
      }
      for (float sum : circuit.probabilities(given).sum(new int[] {1}).toFloatArray()) {
        assertThat(sum).isCloseTo(1, within(1e-5f));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("qubits")
  void gradientsEqualTheParameterShiftRules(int qubits) {
    float[] start = angles(qubits);
    try (Parameters parameters = new Parameters(2, Device.cpu());
        NDManager manager = NDManager.newBaseManager()) {
      Circuit circuit = new Circuit(parameters, qubits);
      NDArray given = manager.create(start, new Shape(POSTS, qubits));
      given.setRequiresGradient(true);
      try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
        NDArray probabilities = circuit.probabilities(given);
        collector.backward(probabilities.get(":, 0").sub(probabilities.get(":, 1")).sum());
      }
      float[] byAngles = given.getGradient().toFloatArray();
      for (int i = 0; i < start.length; i += 1 + start.length / 8) {
        float[] angles = start.clone();
        angles[i] = (float) (start[i] + Math.PI / 2);
        double up = expectation(circuit, angles);
        angles[i] = (float) (start[i] - Math.PI / 2);
        assertThat((up - expectation(circuit, angles)) / 2).isCloseTo(byAngles[i], within(1e-5));
      }
      NDArray weights = parameters.byName().get("weights");
      float[] byWeights;
      try (NDArray gradient = weights.getGradient()) {
        byWeights = gradient.toFloatArray();
      }
      FloatBuffer memory = weights.toByteBuffer(true).asFloatBuffer();
      for (int i = 0; i < byWeights.length; i += 1 + byWeights.length / 16) {
        float weight = memory.get(i);
        memory.put(i, (float) (weight + Math.PI / 2));
        double up = expectation(circuit, start);
        memory.put(i, (float) (weight - Math.PI / 2));
        assertThat((up - expectation(circuit, start)) / 2).isCloseTo(byWeights[i], within(1e-5));
        memory.put(i, weight);
      }
    }
  }

  @Test
  void anOddWireWaitsForTheNextLevel() {
    assertThat(Circuit.pairs(5))
        .containsExactly(
            new Circuit.Pair(0, 1),
            new Circuit.Pair(2, 3),
            new Circuit.Pair(1, 3),
            new Circuit.Pair(3, 4));
  }

  @Test
  void oneModalityHasItsHalfOfTheWires() {
    Qmfnd.Factory factory = new Qmfnd.Factory();
    try (DetectionSystem both =
            factory.create(Toys.context(factory, Toys.VIEWS, 0, s -> s.with(Qmfnd.QUBITS, 7)));
        DetectionSystem text =
            factory.create(
                Toys.context(factory, Toys.VIEWS.subList(0, 1), 0, s -> s.with(Qmfnd.QUBITS, 7)));
        DetectionSystem image =
            factory.create(
                Toys.context(factory, Toys.VIEWS.subList(1, 2), 0, s -> s.with(Qmfnd.QUBITS, 2)))) {
      assertThat(wires(both, "text")).isEqualTo(4);
      assertThat(wires(both, "image")).isEqualTo(3);
      assertThat(wires(text, "text")).isEqualTo(4);
      assertThat(wires(image, "image")).isEqualTo(2);
    }
  }

  private static long wires(DetectionSystem system, String modality) {
    return system.parameters().get(modality + ".weight").getShape().get(0);
  }

  @Test
  void moreThanTwoClassesAreRefusedInWords() {
    SystemContext three =
        new SystemContext(
            Toys.VIEWS,
            List.of("a", "b", "c"),
            0,
            Schema.of(Qmfnd.SETTINGS).defaults(),
            0,
            Device.cpu());
    assertThatThrownBy(() -> new Qmfnd(three))
        .isInstanceOf(WrongUseException.class)
        .hasMessage("QMFND tells two classes apart, by one qubit; the data has 3: [a, b, c]");
  }
}
