package org.equipoise.systems.logicdm;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.GradientCollector;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.equipoise.core.Modality;
import org.equipoise.systems.engine.Engines;
import org.equipoise.systems.golden.GoldenFile;
import org.equipoise.systems.layers.Concatenation;
import org.equipoise.systems.layers.Dropout;
import org.equipoise.systems.layers.Parameters;
import org.equipoise.systems.layers.Tokens;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("golden")
class LogicDmGoldenTest {
  private static final List<Modality> BOTH = List.of(Modality.TEXT, Modality.IMAGE);

  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  static List<GoldenFile> networks() {
    return GoldenFile.discover("logicdm");
  }

  static List<GoldenFile> operators() {
    return GoldenFile.discover("logic_parts");
  }

  private static Reasoner reasoner(GoldenFile golden, Parameters parameters) {
    Reasoner reasoner =
        new Reasoner(
            parameters,
            BOTH,
            golden.size("input.text_nodes", 2),
            golden.size("parameter.answers", 0),
            new Reasoner.Options(
                (int) golden.constant("top"),
                (int) golden.constant("clues"),
                (int) golden.constant("clauses"),
                (int) golden.constant("heads"),
                golden.constant("threshold"),
                golden.constant("rate"),
                Norm.PRODUCT,
                new Dropout(0)));
    golden.fillParameters(parameters.byName());
    return reasoner;
  }

  private static Map<String, NDArray> inputs(GoldenFile golden, NDManager manager) {
    Map<String, NDArray> inputs = new LinkedHashMap<>();
    for (String name : List.of("text_nodes", "image_nodes")) {
      NDArray array = golden.array(manager, "input." + name);
      array.setRequiresGradient(true);
      inputs.put(name, array);
    }
    return inputs;
  }

  private static Nodes nodes(GoldenFile golden, Map<String, NDArray> inputs, NDManager manager) {
    NDArray there =
        golden.integers(manager, "input.text_mask").eq(0).toType(DataType.FLOAT32, false);
    Map<Modality, Tokens> tokens = new LinkedHashMap<>();
    tokens.put(Modality.TEXT, new Tokens(inputs.get("text_nodes"), Optional.of(there)));
    tokens.put(Modality.IMAGE, new Tokens(inputs.get("image_nodes"), Optional.empty()));
    return Nodes.of(tokens);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void valuesLossAndGradientsAgree(GoldenFile golden) {
    try (Parameters parameters = new Parameters(0, Device.cpu());
        NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      Reasoner reasoner = reasoner(golden, parameters);
      Map<String, NDArray> inputs = inputs(golden, manager);
      List<Reasoner.Round> rounds = reasoner.rounds(nodes(golden, inputs, manager), true, false);
      Reasoner.Round last = rounds.get(rounds.size() - 1);
      NDArray loss =
          LogicDm.loss(
              LogicDm.values(List.of(last), Norm.PRODUCT), golden.integers(manager, "input.label"));
      collector.backward(loss);
      rounds
          .get(0)
          .kept()
          .forEach(
              (kind, kept) ->
                  assertThat(
                          Arrays.stream(kept.places()).flatMapToInt(Arrays::stream).asLongStream())
                      .as("chosen " + kind)
                      .containsExactly(
                          Arrays.stream(golden.longs("output.chosen_" + kind))
                              .boxed()
                              .toArray(Long[]::new)));
      golden.assertClose("output.truth", last.truth());
      for (int i = 0; i < last.clauses().size(); i++) {
        Reasoner.Sought clause = last.clauses().get(i);
        golden.assertClose("output.clause" + i + "_choice", clause.choice().transpose(1, 0, 2));
        assertThat(clause.chosen().transpose(1, 0, 2).toType(DataType.INT64, false).toLongArray())
            .isEqualTo(golden.longs("output.clause" + i + "_atoms"));
      }
      golden.assertClose(
          "output.clauses",
          Concatenation.of(
              last.clauses().stream()
                  .map(clause -> clause.value().transpose().expandDims(0))
                  .toList(),
              0));
      golden.assertClose(
          "output.rounds",
          Concatenation.of(
              rounds.stream().map(round -> round.value().transpose().expandDims(0)).toList(), 0));
      golden.assertClose("output.probability", last.value());
      golden.assertClose("output.disjunction", LogicDm.values(rounds, Norm.PRODUCT));
      golden.assertClose("output.loss", loss);
      golden.assertGradients(inputs);
      golden.assertGradients(parameters.byName());
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void seekingInTheLastRoundAloneSaysTheSame(GoldenFile golden) {
    try (Parameters parameters = new Parameters(0, Device.cpu());
        NDManager manager = NDManager.newBaseManager()) {
      Reasoner reasoner = reasoner(golden, parameters);
      List<Reasoner.Round> rounds =
          reasoner.rounds(nodes(golden, inputs(golden, manager), manager), false, false);
      assertThat(rounds).hasSize(1);
      golden.assertClose("output.probability", rounds.get(0).value());
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void edgesAndGraphLayersAgree(GoldenFile golden) {
    try (Parameters parameters = new Parameters(0, Device.cpu());
        NDManager manager = NDManager.newBaseManager()) {
      Reasoner reasoner = reasoner(golden, parameters);
      Nodes nodes = nodes(golden, inputs(golden, manager), manager);
      NDArray adjacency = nodes.adjacency();
      golden.assertClose("input.adjacency", adjacency);
      NDArray first = reasoner.spread(0, nodes.joined(), adjacency);
      golden.assertClose("output.graph0", first);
      golden.assertClose("output.graph1", reasoner.spread(1, first, adjacency));
    }
  }

  @ParameterizedTest
  @MethodSource("operators")
  void sparsemaxAndItsGradientAgree(GoldenFile golden) {
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      NDArray row = golden.array(manager, "input.row");
      row.setRequiresGradient(true);
      NDArray result = Sparsemax.of(row);
      collector.backward(result.mul(golden.array(manager, "input.weight")).sum());
      golden.assertClose("output.sparsemax", result);
      golden.assertClose("gradient.row", row.getGradient());
    }
  }

  @ParameterizedTest
  @MethodSource("operators")
  void conjunctionsAndDisjunctionsAgree(GoldenFile golden) {
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      NDArray truth = golden.array(manager, "input.truth");
      truth.setRequiresGradient(true);
      for (Norm norm : Norm.values()) {
        String name = "output." + norm.name().toLowerCase(Locale.ROOT);
        golden.assertClose(name + "_and", norm.and(truth, 1));
        golden.assertClose(name + "_or", norm.or(truth, 1));
      }
      collector.backward(Norm.PRODUCT.and(truth, 1).sum());
      golden.assertClose("gradient.truth", truth.getGradient());
    }
  }
}
