package org.equipoise.systems.qmfnd;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.equipoise.systems.engine.Engines;
import org.equipoise.systems.golden.GoldenFile;
import org.equipoise.systems.layers.Parameters;
import org.equipoise.systems.losses.CrossEntropy;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("golden")
class QmfndGoldenTest {
  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  static List<GoldenFile> files() {
    return Stream.of("qmfnd", "qmfnd_other")
        .flatMap(item -> GoldenFile.discover(item).stream())
        .toList();
  }

  private static Circuit circuit(GoldenFile golden, Parameters parameters) {
    Circuit circuit = new Circuit(parameters, golden.size("input.angles", 1));
    golden.fillParameters(parameters.byName());
    return circuit;
  }

  @ParameterizedTest
  @MethodSource("files")
  void wiresPairUpAsPlanned(GoldenFile golden) {
    List<Long> plan = new ArrayList<>();
    for (Circuit.Pair pair : Circuit.pairs(golden.size("input.angles", 1))) {
      plan.addAll(List.of(0L, (long) pair.a(), (long) pair.b()));
      plan.addAll(List.of(1L, (long) pair.a(), (long) pair.b()));
    }
    assertThat(golden.longs("input.plan"))
        .isEqualTo(plan.stream().mapToLong(Long::longValue).toArray());
  }

  @ParameterizedTest
  @MethodSource("files")
  void probabilitiesLossAndItsGradientsAgree(GoldenFile golden) {
    try (Parameters parameters = new Parameters(0, Device.cpu());
        NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      Circuit circuit = circuit(golden, parameters);
      NDArray angles = golden.array(manager, "input.angles");
      angles.setRequiresGradient(true);
      NDArray probabilities = circuit.probabilities(angles);
      NDArray loss = CrossEntropy.of(probabilities.log(), golden.integers(manager, "input.label"));
      collector.backward(loss);
      golden.assertClose("output.probabilities", probabilities);
      golden.assertClose("output.nll", loss);
      golden.assertClose("gradient.angles", angles.getGradient());
      golden.assertGradients(parameters.byName());
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void theExpectationAndItsGradientsByPostAgree(GoldenFile golden) {
    int posts = golden.size("input.angles", 0);
    try (Parameters parameters = new Parameters(0, Device.cpu());
        NDManager manager = NDManager.newBaseManager()) {
      Circuit circuit = circuit(golden, parameters);
      float[][] byAngles = new float[posts][];
      float[][] byWeights = new float[posts][];
      NDArray all = golden.array(manager, "input.angles");
      for (int post = 0; post < posts; post++) {
        NDArray angles = all.get(post).reshape(1, -1).duplicate();
        angles.setRequiresGradient(true);
        NDArray weights = parameters.byName().get("weights");
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
          NDArray probabilities = circuit.probabilities(angles);
          collector.backward(probabilities.get(":, 0").sub(probabilities.get(":, 1")).sum());
        }
        byAngles[post] = angles.getGradient().toFloatArray();
        try (NDArray gradient = weights.getGradient()) {
          byWeights[post] = gradient.toFloatArray();
          gradient.toByteBuffer(true).asFloatBuffer().put(new float[byWeights[post].length]);
        }
      }
      golden.assertClose("gradient.expectation_angles", manager.create(byAngles));
      golden.assertClose("gradient.expectation_weights", manager.create(byWeights));
      NDArray probabilities = Engines.withoutGradients(() -> circuit.probabilities(all));
      golden.assertClose(
          "output.expectation", probabilities.get(":, 0").sub(probabilities.get(":, 1")));
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void statesBlocksAndAnglesAgree(GoldenFile golden) {
    try (Parameters parameters = new Parameters(0, Device.cpu());
        NDManager manager = NDManager.newBaseManager()) {
      Circuit circuit = circuit(golden, parameters);
      NDArray first = golden.array(manager, "parameter.weights").get(":3").reshape(1, 3);
      Map.of("conv", Blocks.conv(first), "pool", Blocks.pool(first))
          .forEach(
              (name, matrix) -> {
                NDArray complex = matrix.reshape(new Shape(2, 4, 2, 4));
                golden.assertClose("output." + name + "_unitary_real", complex.get("0, :, 0, :"));
                golden.assertClose("output." + name + "_unitary_imag", complex.get("1, :, 0, :"));
              });
      if (golden.has("output.state_real")) {
        NDArray state = circuit.amplitudes(golden.array(manager, "input.angles")).get(0);
        golden.assertClose("output.state_real", state.get(0));
        golden.assertClose("output.state_imag", state.get(1));
      }
      golden.assertClose("output.angles", Qmfnd.angles(golden.array(manager, "input.features")));
    }
  }
}
