package org.equipoise.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import org.equipoise.core.Form;
import org.equipoise.core.Progress;
import org.equipoise.core.config.Settings;
import org.equipoise.encoders.EncoderOptions;
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
  void decodingIsTimedByFormat() throws Exception {
    DecodeMeasurement decode = new DecodeBench(2, 2, List.of()).run();

    assertThat(decode.measurement().parts()).containsOnlyKeys("jpeg", "png", "prepare");
    assertThat(decode.formats().values()).allMatch(of -> of.images() == 2);
    assertThat(decode.decodePerSecond()).isGreaterThan(decode.measurement().perSecond());
    assertThat(decode.unusable()).isZero();
  }

  @Test
  void encodingIsTimedByModalityStageAndView() throws Exception {
    EncodeMeasurement encode =
        new EncodeBench("builtin", Form.POOLED, EncoderOptions.threads(1), 2, Optional.empty())
            .run(Progress.NONE);

    assertThat(encode.measurement().parts()).containsOnlyKeys("text", "image");
    assertThat(encode.measurement().perSecond()).isPositive();
    assertThat(encode.stages())
        .containsOnlyKeys("read", "hash", "decode", "prepare", "infer", "write");
    assertThat(encode.stages().get("decode").items()).isEqualTo(2 * 40);
    assertThat(encode.stages().get(encode.bottleneck()).share()).isBetween(0.1, 1.0);
    assertThat(encode.stages().values().stream().mapToDouble(use -> use.share()).sum())
        .isCloseTo(1, within(1e-9));
    // one thread computes all of it, so that together it is busy all the time but no longer
    assertThat(
            encode.stages().get("hash").busy()
                + encode.stages().get("decode").busy()
                + encode.stages().get("prepare").busy()
                + encode.stages().get("infer").busy())
        .isBetween(0.3, 1.0);
    assertThat(encode.views().get("text_semantic").items()).isEqualTo(2 * 40);
    assertThat(encode.views().get("text_semantic").tokens()).isGreaterThan(2 * 40 * 5);
    assertThat(encode.toJson()).containsKeys("tokens_per_second", "images_per_second");
  }
}
