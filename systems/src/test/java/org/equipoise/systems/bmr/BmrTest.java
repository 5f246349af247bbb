package org.equipoise.systems.bmr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Schema;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem.Input;
import org.equipoise.systems.DetectionSystem.Losses;
import org.equipoise.systems.DetectionSystem.Output;
import org.equipoise.systems.DetectionSystem.Targets;
import org.equipoise.systems.DetectionSystem.ViewInput;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.engine.Engines;
import org.equipoise.systems.layers.LayerNorm;
import org.equipoise.systems.layers.Parameters;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BmrTest {
  private static final View TEXT = new View("text_pattern", Modality.TEXT, Kind.PATTERN, 8);
  private static final View PATTERN = new View("image_pattern", Modality.IMAGE, Kind.PATTERN, 6);
  private static final View MEANING = new View("image_semantic", Modality.IMAGE, Kind.SEMANTIC, 7);
  private static final List<View> VIEWS = List.of(PATTERN, TEXT, MEANING);

  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  private static Bmr bmr(UnaryOperator<Settings> change, int classes, List<View> views) {
    Settings small =
        Schema.of(Bmr.SETTINGS)
            .defaults()
            .with(Bmr.WIDTH, 8)
            .with(Bmr.HEADS, 2)
            .with(Bmr.EXPERTS, 2)
            .with(Bmr.TRIM, 8)
            .with(Bmr.REWEIGHING, 8);
    return new Bmr(new SystemContext(views, classes, change.apply(small), 3, Device.cpu()));
  }

  private static Bmr bmr() {
    return bmr(UnaryOperator.identity(), 2, VIEWS);
  }

  private static NDArray gaussian(NDManager manager, Random random, Shape shape) {
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return manager.create(values, shape);
  }

  private static Input batch(Bmr bmr, NDManager manager, int posts, int seed) {
    Random random = new Random(seed);
    List<ViewInput> inputs = new ArrayList<>();
    for (View view : bmr.views()) {
      NDArray values = gaussian(manager, random, new Shape(posts, 3, view.width()));
      inputs.add(new ViewInput(view, values, Optional.empty()));
    }
    return new Input(inputs);
  }

  private static Output score(Bmr bmr, Input input, boolean training) {
    return Engines.withoutGradients(() -> bmr.forward(input, training));
  }

  private static void shift(Bmr bmr, String parameter, float by) {
    NDArray array = bmr.parameters().get(parameter);
    float[] values = array.toFloatArray();
    for (int i = 0; i < values.length; i++) {
      values[i] += by;
    }
    array.toByteBuffer(true).asFloatBuffer().put(values);
  }

  @Test
  void whatAViewPredictsAloneWeighsItAndNoOther() {
    List<String> roles = List.of("image", "text", "pattern", "mismatch");
    for (String role : roles) {
      try (Bmr bmr = bmr();
          NDManager manager = NDManager.newBaseManager()) {
        Input input = batch(bmr, manager, 4, 1);
        Output before = score(bmr, input, false);
        shift(bmr, role + "_head.logit.bias", 2);
        Output after = score(bmr, input, false);
        NDArray change = after.stages().get("weights").sub(before.stages().get("weights")).abs();
        for (int i = 0; i < roles.size(); i++) {
          float largest = change.get(":, {}", i).max().getFloat();
          if (roles.get(i).equals(role)) {
            assertThat(largest).as(role).isGreaterThan(1e-3f);
          } else {
            assertThat(largest).as(roles.get(i)).isZero();
          }
        }
        assertThat(after.logits().toFloatArray()).isNotEqualTo(before.logits().toFloatArray());
      }
    }
  }

  @Test
  void theVerdictsLossDoesNotMoveThePredictionsThatWeighTheViews() {
    try (Bmr bmr = bmr();
        NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      Output output = bmr.forward(batch(bmr, manager, 6, 2), true);
      Losses losses = bmr.losses(output, manager.create(new long[] {0, 1, 0, 1, 0, 1}));
      collector.backward(losses.parts().get("classification"));
      bmr.parameters()
          .forEach(
              (name, parameter) -> {
                try (NDArray gradient = parameter.getGradient()) {
                  float largest = gradient.abs().max().getFloat();
                  boolean alone = name.contains("_head.") && !name.startsWith("final_head.");
                  if (alone) {
                    assertThat(largest).as(name).isZero();
                  } else if (name.startsWith("reweigh_") && name.endsWith(".2.weight")) {
                    assertThat(largest).as(name).isPositive();
                  }
                }
              });
    }
  }

  @Test
  void anExpertComputesTheFirstTokenOfATransformerBlock() {
    Random random = new Random(5);
    try (Parameters parameters = new Parameters(1, Device.cpu());
        NDManager manager = NDManager.newBaseManager()) {
      Expert expert = new Expert(parameters, "e", 8, 2);
      NDArray tokens = gaussian(manager, random, new Shape(3, 5, 8));
      Map<String, NDArray> p = parameters.byName();
      NDArray normal =
          LayerNorm.plain(parameters, 8).forward(tokens); // its scale is 1 and its shift 0
      NDArray qkv = normal.matMul(p.get("e.qkv.weight").transpose());
      NDArray q = heads(qkv.get("..., :8"));
      NDArray k = heads(qkv.get("..., 8:16"));
      NDArray v = heads(qkv.get("..., 16:"));
      NDArray weights = q.matMul(k.swapAxes(2, 3)).div((float) Math.sqrt(4)).softmax(-1);
      NDArray mixed = weights.matMul(v).transpose(0, 2, 1, 3).reshape(3, 5, 8);
      NDArray a = tokens.add(dense(p, "e.proj", mixed));
      NDArray inner = Activation.gelu(dense(p, "e.fc1", LayerNorm.plain(parameters, 8).forward(a)));
      NDArray expected = a.add(dense(p, "e.fc2", inner)).get(":, 0");
      assertThat(expert.forward(tokens, Optional.empty()).toFloatArray())
          .containsExactly(expected.toFloatArray(), within(1e-5f));
    }
  }

  private static NDArray heads(NDArray x) {
    return x.reshape(3, 5, 2, 4).transpose(0, 2, 1, 3);
  }

  private static NDArray dense(Map<String, NDArray> parameters, String name, NDArray x) {
    return x.matMul(parameters.get(name + ".weight").transpose())
        .add(parameters.get(name + ".bias"));
  }

  @Test
  void aGateMultipliesTheHalves() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x = manager.create(new float[][] {{1, 2, 3, 4}, {5, 6, 7, 8}});
      assertThat(SimpleGate.of(x).toFloatArray()).containsExactly(3, 8, 35, 48);
    }
  }

  @Test
  void mismatchedPairsAreLearntFromTheBatchWhileTrainingAlone() {
    try (Bmr bmr = bmr();
        NDManager manager = NDManager.newBaseManager()) {
      NDArray labels = manager.create(new long[] {0, 1, 0, 1});
      Input input = batch(bmr, manager, 4, 3);
      Losses training =
          Engines.withoutGradients(() -> bmr.losses(bmr.forward(input, true), labels));
      assertThat(training.parts()).containsOnlyKeys("classification", "single_view", "consistency");
      Losses judged = Engines.withoutGradients(() -> bmr.losses(bmr.forward(input, false), labels));
      assertThat(judged.parts()).containsOnlyKeys("classification", "single_view");
      Targets oneEvent =
          new Targets(labels, Optional.of(manager.create(new long[] {4, 4, 4, 4})), 1);
      Losses alike = Engines.withoutGradients(() -> bmr.losses(bmr.forward(input, true), oneEvent));
      assertThat(alike.parts()).doesNotContainKey("consistency");
    }
  }

  @Test
  void theDrawnPairsHangOnTheEnginesSeedAlone() {
    try (Bmr bmr = bmr();
        NDManager manager = NDManager.newBaseManager()) {
      NDArray labels = manager.create(new long[] {0, 1, 0, 1, 0, 1});
      Input input = batch(bmr, manager, 6, 3);
      float first = consistency(bmr, input, labels, 8);
      assertThat(consistency(bmr, input, labels, 8)).isEqualTo(first);
      assertThat(consistency(bmr, input, labels, 9)).isNotEqualTo(first);
    }
  }

  private static float consistency(Bmr bmr, Input input, NDArray labels, int seed) {
    Engine.getInstance().setRandomSeed(seed);
    return Engines.withoutGradients(() -> bmr.losses(bmr.forward(input, true), labels))
        .parts()
        .get("consistency")
        .getFloat();
  }

  @Test
  void twoClassesAreOneNumberAndThreeAreThree() {
    try (Bmr two = bmr();
        Bmr three = bmr(UnaryOperator.identity(), 3, VIEWS);
        NDManager manager = NDManager.newBaseManager()) {
      assertThat(two.parameters().get("final_head.logit.bias").size()).isEqualTo(1);
      assertThat(three.parameters().get("reweigh_text.0.weight").getShape().getShape())
          .containsExactly(8, 3);
      NDArray logits = score(two, batch(two, manager, 3, 4), false).logits();
      assertThat(logits.get(":, 0").toFloatArray()).containsExactly(0, 0, 0);
      assertThat(score(three, batch(three, manager, 3, 4), false).logits().getShape().getShape())
          .containsExactly(3, 3);
    }
  }

  @Test
  void theImagesPatternIsASecondViewWhereThereIsOne() {
    try (Bmr all = bmr();
        Bmr without = bmr(UnaryOperator.identity(), 2, List.of(TEXT, PATTERN));
        Bmr images = bmr(UnaryOperator.identity(), 2, List.of(PATTERN, MEANING))) {
      assertThat(all.views()).containsExactly(MEANING, TEXT, PATTERN);
      assertThat(without.views()).containsExactly(PATTERN, TEXT);
      assertThat(without.parameters().keySet()).noneMatch(name -> name.startsWith("pattern"));
      assertThat(images.parameters().keySet()).noneMatch(name -> name.startsWith("fused"));
      assertThat(all.rates()).isEqualTo(Map.of("irrelevant", 2.0));
      assertThat(images.rates()).isEmpty();
    }
  }

  @Test
  void positionsCountTheTokensThatAreThere() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray mask = manager.create(new float[][] {{1, 1, 0, 1, 1}, {0, 0, 0, 1, 0}});
      assertThat(MixtureOfExperts.counted(mask)).containsExactly(0, 1, 1, 2, 3, 0, 0, 0, 0, 0);
    }
  }

  @Test
  void sizesThatDoNotFitAreRefused() {
    assertThatThrownBy(() -> bmr(settings -> settings.with(Bmr.HEADS, 3), 2, VIEWS))
        .isInstanceOf(WrongUseException.class)
        .hasMessage("bmr.width 8 does not divide by bmr.heads 3");
    for (Setting<Integer> halved : List.of(Bmr.TRIM, Bmr.REWEIGHING)) {
      assertThatThrownBy(() -> bmr(settings -> settings.with(halved, 7), 2, VIEWS))
          .isInstanceOf(WrongUseException.class)
          .hasMessage(halved.key() + " is 7, must be even");
    }
  }
}
