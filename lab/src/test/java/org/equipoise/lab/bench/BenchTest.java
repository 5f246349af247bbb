package org.equipoise.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.equipoise.core.Form;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.Systems;
import org.equipoise.training.Configuration;
import org.equipoise.training.TrainingSettings;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class BenchTest {
  private static final Settings SETTINGS =
      Configuration.schema().defaults().with(TrainingSettings.BATCH_SIZE, 4);

  @Test
  void aStepIsTimedWithItsPartsAndItsLimit() {
    Measurement step = new StepBench(Systems.find("BMLHF"), SETTINGS, 1, 1, 3).run();

    assertThat(step.parts()).containsOnlyKeys("forward", "backward", "optimiser", "matmul");
    assertThat(step.parts().values()).allMatch(part -> part.min() > 0);
    double parts =
        step.parts().get("forward").min()
            + step.parts().get("backward").min()
            + step.parts().get("optimiser").min();
    assertThat(step.milliseconds().p95()).isGreaterThan(parts);
    assertThat(step.perSecond()).isPositive();
  }

  @Test
  void scoringIsTimed() {
    Measurement predict = new PredictBench(Systems.find("BMLHF"), SETTINGS, 1, 1, 2).run();

    assertThat(predict.milliseconds().min()).isPositive();
    assertThat(predict.repeats()).isEqualTo(2);
  }

  @Test
  void decodingIsTimedByFormat() {
    assertThat(new DecodeBench(2).run().parts()).containsOnlyKeys("jpeg", "png");
  }

  @Test
  void encodingIsTimedByModality() throws Exception {
    Measurement encode = new EncodeBench("builtin", Form.POOLED, 1, 1).run();

    assertThat(encode.parts()).containsOnlyKeys("text", "image");
    assertThat(encode.perSecond()).isPositive();
  }
}
