package org.equipoise.training.balance;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.training.GradientCollector;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PrimitiveIterator;
import java.util.stream.IntStream;
import org.equipoise.systems.engine.Engines;
import org.equipoise.systems.golden.GoldenFile;
import org.equipoise.systems.layers.Scaling;
import org.equipoise.systems.losses.CrossEntropy;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Balancers' formulas against an independent implementation. */
@Tag("golden")
@SuppressWarnings("try") // gradient collectors are there for what they switch on
class BalancersGoldenTest {
  private static final List<String> UNITS = List.of("text", "image");

  @BeforeAll
  static void startEngine() {
    Engines.start(1);
  }

  static List<GoldenFile> ogmGe() {
    return GoldenFile.discover("ogm_ge");
  }

  @ParameterizedTest
  @MethodSource("ogmGe")
  void ogmGe(GoldenFile golden) {
    double alpha = golden.constant("alpha");
    long[] labels = golden.longs("input.label");
    try (NDManager manager = NDManager.newBaseManager()) {
      Map<String, Double> scores = new LinkedHashMap<>();
      for (String unit : UNITS) {
        NDArray logits = golden.array(manager, "input.logits_" + unit);
        scores.put(unit, Scores.of(logits, Optional.empty(), labels));
      }
      Map<String, Double> ratios = Scores.ratios(scores);
      Map<String, Double> factors = OgmGe.factors(ratios, alpha);
      golden.assertClose("output.scores", values(scores));
      golden.assertClose("output.ratios", values(ratios));
      golden.assertClose("output.coefficients", values(factors));
      for (String unit : UNITS) {
        FloatBuffer gradient = floats(golden.doubles("input.gradient_" + unit));
        golden.assertClose("output.std_" + unit, OgmGe.deviation(gradient) - 1e-8);
        PrimitiveIterator.OfDouble noise =
            Arrays.stream(golden.doubles("input.noise_" + unit)).iterator();
        OgmGe.addNoise(gradient, factors.get(unit), noise::nextDouble);
        double factor = factors.get(unit);
        golden.assertClose(
            "output.modified_" + unit,
            IntStream.range(0, gradient.capacity())
                .mapToDouble(i -> factor * gradient.get(i))
                .toArray());
      }
      NDArray four = golden.array(manager, "input.logits_four");
      Map<String, Double> scoresOfFour = new LinkedHashMap<>();
      for (int view = 0; view < four.getShape().get(0); view++) {
        scoresOfFour.put("view " + view, Scores.of(four.get(view), Optional.empty(), labels));
      }
      golden.assertClose("output.ratios_four", values(Scores.ratios(scoresOfFour)));
      golden.assertClose(
          "output.coefficients_four", values(OgmGe.factors(Scores.ratios(scoresOfFour), alpha)));
    }
  }

  static List<GoldenFile> gradientBlending() {
    return GoldenFile.discover("gradient_blending");
  }

  @ParameterizedTest
  @MethodSource("gradientBlending")
  void gradientBlending(GoldenFile golden) {
    int cases = golden.size("input.train_start", 0);
    int heads = golden.size("input.train_start", 1);
    List<Double> gains = new ArrayList<>();
    List<Double> over = new ArrayList<>();
    List<Double> weights = new ArrayList<>();
    for (int c = 0; c < cases; c++) {
      Map<String, GradientBlending.Stand> before = stands(golden, "start", c, heads);
      Map<String, GradientBlending.Stand> after = stands(golden, "end", c, heads);
      before.forEach(
          (head, start) -> {
            gains.add(GradientBlending.generalisation(start, after.get(head)));
            over.add(GradientBlending.overfitting(start, after.get(head)));
          });
      weights.addAll(GradientBlending.weights(before, after).values());
    }
    golden.assertClose("output.generalisation", array(gains));
    golden.assertClose("output.overfitting", array(over));
    golden.assertClose("output.weights", array(weights));
    double[] losses = golden.doubles("input.losses");
    golden.assertClose(
        "output.loss",
        IntStream.range(0, heads).mapToDouble(head -> weights.get(head) * losses[head]).sum());
  }

  private static Map<String, GradientBlending.Stand> stands(
      GoldenFile golden, String moment, int row, int heads) {
    double[] training = golden.doubles("input.train_" + moment);
    double[] held = golden.doubles("input.valid_" + moment);
    Map<String, GradientBlending.Stand> stands = new LinkedHashMap<>();
    for (int head = 0; head < heads; head++) {
      int at = row * heads + head;
      stands.put("head " + head, new GradientBlending.Stand(training[at], held[at]));
    }
    return stands;
  }

  static List<GoldenFile> umt() {
    return GoldenFile.discover("umt");
  }

  @ParameterizedTest
  @MethodSource("umt")
  void umt(GoldenFile golden) {
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
      Map<String, NDArray> learnt =
          learnt(golden, manager, List.of("logits", "student_text", "student_image"));
      Map<String, NDArray> distances = new LinkedHashMap<>();
      for (String unit : UNITS) {
        distances.put(
            unit,
            Umt.distance(
                learnt.get("student_" + unit), golden.array(manager, "input.teacher_" + unit)));
      }
      NDArray loss =
          CrossEntropy.of(learnt.get("logits"), golden.integers(manager, "input.label"))
              .add(Umt.weighed(distances, golden.constant("lambda")));
      Engines.backward(loss, false);
      golden.assertClose("output.loss", loss.getFloat());
      golden.assertGradients(learnt);
    }
  }

  static List<GoldenFile> mmCosine() {
    return GoldenFile.discover("mmcosine");
  }

  @ParameterizedTest
  @MethodSource("mmCosine")
  void mmCosine(GoldenFile golden) {
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
      Map<String, NDArray> learnt = learnt(golden, manager, UNITS);
      NDArray weight = golden.array(manager, "parameter.weight").duplicate();
      weight.setRequiresGradient(true);
      long split = golden.size("input.text", 1);
      NDArray text =
          MmCosine.logits(
              learnt.get("text"),
              weight.get(new NDIndex(":, :" + split)),
              golden.constant("scale"));
      NDArray image =
          MmCosine.logits(
              learnt.get("image"),
              weight.get(new NDIndex(":, " + split + ":")),
              golden.constant("scale"));
      NDArray loss = CrossEntropy.of(text.add(image), golden.integers(manager, "input.label"));
      Engines.backward(loss, false);
      golden.assertClose("output.logits_text", text);
      golden.assertClose("output.logits_image", image);
      golden.assertClose("output.logits", text.add(image));
      golden.assertClose("output.loss", loss.getFloat());
      learnt.put("weight", weight);
      golden.assertGradients(learnt);
    }
  }

  static List<GoldenFile> sampleValuation() {
    return GoldenFile.discover("sample_valuation");
  }

  @ParameterizedTest
  @MethodSource("sampleValuation")
  void sampleValuation(GoldenFile golden) {
    // columns: text, image, both; as sets of units: 1, 2, 3
    long[] correct = golden.longs("input.correct");
    int posts = golden.size("input.correct", 0);
    List<Double> contributions = new ArrayList<>();
    List<Double> copies = new ArrayList<>();
    double[] means = new double[2];
    for (int i = 0; i < posts; i++) {
      int post = i;
      for (int unit = 0; unit < 2; unit++) {
        double contribution =
            SampleValuation.contribution(unit, 2, set -> correct[post * 3 + set - 1] == 1);
        contributions.add(contribution);
        copies.add((double) SampleValuation.copies(contribution));
        means[unit] += contribution / posts;
      }
    }
    golden.assertClose("output.contribution", array(contributions));
    golden.assertClose("output.copies", array(copies));
    golden.assertClose("output.gaps", 1 - means[0], 1 - means[1]);
    double share =
        SampleValuation.share(
            Map.of("text", means[0], "image", means[1]), golden.constant("alpha"));
    golden.assertClose("output.share", share);
    assertThat((long) (share * 1000)).isEqualTo(golden.longs("output.resampled_of_1000")[0]);

    // columns: 0, 1, 2, 01, 02, 12, 012; by set of units from 1
    int[] column = {0, 1, 3, 2, 4, 5, 6};
    long[] ofThree = golden.longs("input.correct_three");
    List<Double> three = new ArrayList<>();
    for (int i = 0; i < golden.size("input.correct_three", 0); i++) {
      int post = i;
      for (int unit = 0; unit < 3; unit++) {
        three.add(
            SampleValuation.contribution(
                unit, 3, set -> ofThree[post * column.length + column[set - 1]] == 1));
      }
    }
    golden.assertClose("output.contribution_three", array(three));
  }

  static List<GoldenFile> agm() {
    return GoldenFile.discover("agm");
  }

  @ParameterizedTest
  @MethodSource("agm")
  void agm(GoldenFile golden) {
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
      Map<String, NDArray> learnt = learnt(golden, manager, UNITS);
      NDArray weight = golden.array(manager, "parameter.weight");
      NDArray bias = golden.array(manager, "parameter.bias");
      long split = golden.size("input.text", 1);
      NDArray text = learnt.get("text").matMul(weight.get(new NDIndex(":, :" + split)).transpose());
      NDArray image =
          learnt.get("image").matMul(weight.get(new NDIndex(":, " + split + ":")).transpose());
      NDArray[] verdicts = {null, text.add(bias), image.add(bias), text.add(image).add(bias)};
      Map<String, NDArray> shares = Agm.shares(UNITS, verdicts);
      long[] labels = golden.longs("input.label");
      Map<String, Double> losses = new LinkedHashMap<>();
      shares.forEach(
          (unit, share) -> losses.put(unit, Scores.crossEntropy(share, labels) / labels.length));
      double[] running = golden.doubles("input.running");
      Map<String, Double> coefficients =
          Agm.coefficients(
              losses, Map.of("text", running[0], "image", running[1]), golden.constant("alpha"));
      NDArray loss =
          CrossEntropy.of(
              Agm.modulated(shares, coefficients), golden.integers(manager, "input.label"));
      Engines.backward(loss, false);
      golden.assertClose("output.share_text", shares.get("text"));
      golden.assertClose("output.share_image", shares.get("image"));
      golden.assertClose("output.share_losses", values(losses));
      golden.assertClose("output.coefficients", values(coefficients));
      long step = Math.round(golden.constant("iteration"));
      golden.assertClose(
          "output.running",
          Agm.runningMean(running[0], losses.get("text"), step),
          Agm.runningMean(running[1], losses.get("image"), step));
      golden.assertClose("output.loss", loss.getFloat());
      golden.assertGradients(learnt);
    }
  }

  static List<GoldenFile> pmr() {
    return GoldenFile.discover("pmr");
  }

  @ParameterizedTest
  @MethodSource("pmr")
  void pmr(GoldenFile golden) {
    long[] labels = golden.longs("input.label");
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
      Map<String, NDArray> learnt = learnt(golden, manager, UNITS);
      NDArray classes = golden.integers(manager, "input.label");
      Map<String, Double> scores = new LinkedHashMap<>();
      Map<String, NDArray> losses = new LinkedHashMap<>();
      for (String unit : UNITS) {
        Pmr.ClassMeans means = new Pmr.ClassMeans(golden.size("input.old_prototype_" + unit, 0));
        means.add(learnt.get(unit).toFloatArray(), labels, Optional.empty());
        double[] prototypes =
            means.renewed(
                Optional.of(golden.doubles("input.old_prototype_" + unit)),
                golden.constant("momentum"));
        NDArray similarities = Pmr.similarities(learnt.get(unit), prototypes);
        NDArray loss = Pmr.loss(similarities, classes, Optional.empty());
        golden.assertClose("output.prototype_" + unit, prototypes);
        golden.assertClose("output.similarity_" + unit, similarities);
        golden.assertClose("output.prototype_loss_" + unit, loss.getFloat());
        scores.put(unit, Scores.of(similarities, Optional.empty(), labels));
        losses.put(unit, loss);
      }
      Map<String, Double> ratios = Scores.ratios(scores);
      Map<String, Double> weights = Pmr.weights(ratios, golden.constant("alpha"));
      NDArray added =
          Scaling.times(losses.get("text"), weights.get("text"))
              .add(Scaling.times(losses.get("image"), weights.get("image")));
      Engines.backward(added, false);
      golden.assertClose("output.ratio", ratios.get("text"));
      golden.assertClose("output.text_weight", weights.get("text"));
      golden.assertClose("output.image_weight", weights.get("image"));
      golden.assertClose("output.added_loss", added.getFloat());
      golden.assertGradients(learnt);
    }
  }

  static List<GoldenFile> mmPareto() {
    return GoldenFile.discover("mmpareto");
  }

  @ParameterizedTest
  @MethodSource("mmPareto")
  void mmPareto(GoldenFile golden) {
    float[] joint = floats(golden.doubles("input.joint")).array();
    for (String own : golden.names("input.")) {
      if (!own.equals("joint")) {
        float[] gradient = floats(golden.doubles("input." + own)).array();
        double weight = MmPareto.weight(Map.of("w", joint), Map.of("w", gradient));
        float[] combined = MmPareto.combined(joint, gradient, weight);
        double factor = MmPareto.enlargement(joint, gradient, combined, golden.constant("gamma"));
        golden.assertClose("output." + own + "_weight", weight);
        golden.assertClose(
            "output." + own + "_final",
            IntStream.range(0, combined.length).mapToDouble(i -> factor * combined[i]).toArray());
      }
    }
  }

  static List<GoldenFile> opm() {
    return GoldenFile.discover("opm");
  }

  @ParameterizedTest
  @MethodSource("opm")
  void opm(GoldenFile golden) {
    long[] labels = golden.longs("input.label");
    try (NDManager manager = NDManager.newBaseManager()) {
      Map<String, Double> scores = new LinkedHashMap<>();
      Map<String, Integer> widths = new LinkedHashMap<>();
      for (String unit : UNITS) {
        NDArray logits = golden.array(manager, "input.logits_" + unit);
        scores.put(unit, Scores.of(logits, Optional.empty(), labels));
        widths.put(unit, golden.size("input." + unit, 1));
      }
      Map<String, Double> rates =
          Opm.rates(Scores.ratios(scores), golden.constant("base"), golden.constant("lambda"));
      golden.assertClose("output.drop_rate", values(rates));
      long[] text = golden.longs("input.keep_text");
      long[] image = golden.longs("input.keep_image");
      int[] kept = IntStream.range(0, labels.length).filter(i -> text[i] + image[i] > 0).toArray();
      double share = Opm.keptShare(rates, widths);
      golden.assertClose("output.text", thinned(golden, "text", text, kept, share));
      golden.assertClose("output.image", thinned(golden, "image", image, kept, share));
    }
  }

  private static double[] thinned(
      GoldenFile golden, String unit, long[] keep, int[] rows, double share) {
    double[] features = golden.doubles("input." + unit);
    int width = golden.size("input." + unit, 1);
    return Arrays.stream(rows)
        .boxed()
        .flatMapToDouble(
            row ->
                IntStream.range(0, width)
                    .mapToDouble(d -> features[row * width + d] * keep[row] / share))
        .toArray();
  }

  static List<GoldenFile> mla() {
    return GoldenFile.discover("mla");
  }

  @ParameterizedTest
  @MethodSource("mla")
  void mla(GoldenFile golden) {
    int width = golden.size("input.features", 1);
    int posts = golden.size("input.features", 0);
    double[] features = golden.doubles("input.features");
    double[] means = new double[width];
    for (int i = 0; i < features.length; i++) {
      means[i % width] += features[i] / posts;
    }
    Mla.Projection projection = new Mla.Projection(width);
    projection.restore(golden.doubles("input.projection"), 1);
    float[] projected =
        projection.project(
            floats(golden.doubles("input.head_gradient")).array(), means, golden.constant("a"));
    golden.assertClose("output.projection", projection.values());
    golden.assertClose("output.head_gradient", doubles(projected));

    Map<String, double[][]> logits = new LinkedHashMap<>();
    List<Double> entropies = new ArrayList<>();
    for (String unit : UNITS) {
      double[][] rows = rows(golden, "input.logits_" + unit);
      logits.put(unit, rows);
      Arrays.stream(rows).forEach(row -> entropies.add(Mla.entropy(row)));
    }
    golden.assertClose("output.entropy", array(entropies));
    Map<String, float[]> weights = Mla.weights(logits, Map.of());
    List<Double> inOrder = new ArrayList<>();
    UNITS.forEach(unit -> Arrays.stream(doubles(weights.get(unit))).forEach(inOrder::add));
    golden.assertClose("output.weights", array(inOrder));
    int classes = golden.size("input.logits_text", 1);
    double[] verdicts = new double[logits.get("text").length * classes];
    logits.forEach(
        (unit, rows) -> {
          for (int i = 0; i < verdicts.length; i++) {
            verdicts[i] += weights.get(unit)[i / classes] * rows[i / classes][i % classes];
          }
        });
    golden.assertClose("output.logits", verdicts);
  }

  static List<GoldenFile> amco() {
    return GoldenFile.discover("amco");
  }

  @ParameterizedTest
  @MethodSource("amco")
  void amco(GoldenFile golden) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Map<String, NDArray> logits = new LinkedHashMap<>();
      UNITS.forEach(unit -> logits.put(unit, golden.array(manager, "input.logits_" + unit)));
      NDArray labels = golden.integers(manager, "input.label");
      Map<String, Double> shares = Amco.shares(logits);
      golden.assertClose("output.share", values(shares));
      golden.assertClose("output.p", Amco.p(golden.constant("eps"), golden.constant("level")));
      Map<String, NDArray> said =
          Amco.masked(
              logits, shares, golden.constant("sigma"), golden.array(manager, "input.mask"));
      NDArray sum = said.get("text").add(said.get("image"));
      golden.assertClose("output.logits", sum);
      golden.assertClose(
          "output.loss",
          (double) CrossEntropy.of(sum, labels).getFloat()
              + CrossEntropy.of(said.get("text"), labels).getFloat()
              + CrossEntropy.of(said.get("image"), labels).getFloat());
    }
  }

  static List<GoldenFile> lfm() {
    return GoldenFile.discover("lfm");
  }

  @ParameterizedTest
  @MethodSource("lfm")
  void lfm(GoldenFile golden) {
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
      Map<String, NDArray> learnt = learnt(golden, manager, List.of("logits_text", "logits_image"));
      NDArray alignment = Lfm.alignment(learnt);
      NDArray loss =
          Lfm.rebalanced(
              CrossEntropy.of(Lfm.mean(learnt), golden.integers(manager, "input.label")),
              alignment,
              golden.constant("alpha"));
      Engines.backward(loss, false);
      golden.assertClose("output.alignment", alignment.getFloat());
      golden.assertClose("output.loss", loss.getFloat());
      golden.assertGradients(learnt);
    }
  }

  static List<GoldenFile> reconBoost() {
    return GoldenFile.discover("reconboost");
  }

  @ParameterizedTest
  @MethodSource("reconBoost")
  void reconBoost(GoldenFile golden) {
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
      Map<String, NDArray> learnt = learnt(golden, manager, List.of("logits"));
      NDArray boosting =
          ReconBoost.boosting(
              learnt.get("logits"),
              golden.array(manager, "input.others"),
              golden.integers(manager, "input.label"),
              golden.constant("w1"),
              golden.constant("w2"));
      NDArray agreement =
          ReconBoost.agreement(learnt.get("logits"), golden.array(manager, "input.previous"));
      Engines.backward(boosting.add(Scaling.times(agreement, golden.constant("alpha"))), false);
      golden.assertClose("output.boosting", boosting.getFloat());
      golden.assertClose("output.agreement", agreement.getFloat());
      golden.assertGradients(learnt);
    }
  }

  static List<GoldenFile> relearning() {
    return GoldenFile.discover("relearning");
  }

  @ParameterizedTest
  @MethodSource("relearning")
  void relearning(GoldenFile golden) {
    long[] labels = golden.longs("input.label");
    long[] validation = golden.longs("input.label_valid");
    int classes =
        (int)
                Math.max(
                    Arrays.stream(labels).max().orElse(0),
                    Arrays.stream(validation).max().orElse(0))
            + 1;
    double training = Relearning.purity(labels, clusters(golden, "input.cluster_train"), classes);
    double held = Relearning.purity(validation, clusters(golden, "input.cluster_valid"), classes);
    double beta = Relearning.beta(training, held, golden.constant("lambda"));
    golden.assertClose("output.purity", training, held);
    golden.assertClose("output.beta", beta);
    golden.assertClose(
        "output.scaled_features",
        Arrays.stream(Relearning.scaled(rows(golden, "input.features")))
            .flatMapToDouble(Arrays::stream)
            .toArray());
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray parameter = golden.array(manager, "input.current").duplicate();
      Relearning.goBack(parameter, floats(golden.doubles("input.initial")).array(), beta);
      golden.assertClose("output.parameter", parameter);
    }
  }

  private static int[] clusters(GoldenFile golden, String name) {
    return Arrays.stream(golden.longs(name)).mapToInt(Math::toIntExact).toArray();
  }

  private static double[][] rows(GoldenFile golden, String name) {
    double[] values = golden.doubles(name);
    int width = golden.size(name, 1);
    return IntStream.range(0, values.length / width)
        .mapToObj(i -> Arrays.copyOfRange(values, i * width, (i + 1) * width))
        .toArray(double[][]::new);
  }

  private static double[] doubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  /** Inputs that gradients are wanted of, by name. */
  private static Map<String, NDArray> learnt(
      GoldenFile golden, NDManager manager, List<String> names) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    for (String name : names) {
      NDArray array = golden.array(manager, "input." + name).duplicate();
      array.setRequiresGradient(true);
      arrays.put(name, array);
    }
    return arrays;
  }

  private static double[] values(Map<String, Double> map) {
    return array(new ArrayList<>(map.values()));
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static FloatBuffer floats(double[] values) {
    FloatBuffer floats = FloatBuffer.allocate(values.length);
    for (int i = 0; i < values.length; i++) {
      floats.put(i, (float) values[i]);
    }
    return floats;
  }
}
