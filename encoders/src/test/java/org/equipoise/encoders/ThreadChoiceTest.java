package org.equipoise.encoders;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.core.features.Features;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ThreadChoiceTest {
  private record Sized(int threads) implements Encoder {
    @Override
    public EncoderInfo info() {
      View view = new View("view", Modality.IMAGE, Kind.PATTERN, 1);
      return new EncoderInfo(view, 1, "sized", "aa", Map.of());
    }

    @Override
    public List<Encoding> encode(List<? extends Prepared> batch) {
      Encoding encoding = new Encoding(new Features(1, 1, new float[1]), false);
      return batch.stream().map(content -> encoding).toList();
    }

    @Override
    public void close() {}
  }

  /** On four threads, where a run takes as long as is said for the threads that it has. */
  private static int best(IntToDoubleFunction secondsOfRun) {
    return choice(secondsOfRun).best(Sized::new);
  }

  private static ThreadChoice choice(IntToDoubleFunction secondsOfRun) {
    return new ThreadChoice(
        4,
        1,
        (encoder, batch, sideBySide) -> sideBySide / secondsOfRun.applyAsDouble(encoder.threads()));
  }

  @Test
  void what_encodes_most_is_chosen() {
    // 4 / 0.060, 2 / 0.020 and 1 / 0.015 a second
    assertThat(best(n -> n == 1 ? 0.060 : n == 2 ? 0.020 : 0.015)).isEqualTo(2);
  }

  @Test
  void one_thread_a_run_is_chosen_where_more_gain_too_little() {
    assertThat(best(n -> 0.060 / n)).isEqualTo(1);
    assertThat(best(n -> n == 1 ? 0.060 : 0.060 / n / 1.09)).isEqualTo(1);
  }

  @Test
  void an_encoder_that_takes_one_thread_whatever_it_is_told_gets_one() {
    assertThat(choice(n -> 0.020).best(each -> new Sized(1))).isEqualTo(1);
  }

  @Test
  @Tag("slow")
  void real_runs_are_measured() {
    assertThat(new ThreadChoice(4, 1).best(Sized::new)).isIn(1, 2, 4);
  }
}
