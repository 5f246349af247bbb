package org.equipoise.encoders;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.core.features.Features;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class ThreadChoiceTest {
  /** Takes as many milliseconds for a run as is said for its threads. */
  private record Timed(int threads, IntUnaryOperator milliseconds) implements Encoder {
    @Override
    public EncoderInfo info() {
      View view = new View("view", Modality.IMAGE, Kind.PATTERN, 1);
      return new EncoderInfo(view, 1, "timed", "aa", Map.of());
    }

    @Override
    public List<Encoding> encode(List<? extends Prepared> batch) {
      try {
        Thread.sleep(milliseconds.applyAsInt(threads));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      Encoding encoding = new Encoding(new Features(1, 1, new float[1]), false);
      return batch.stream().map(content -> encoding).toList();
    }

    @Override
    public void close() {}
  }

  @Test
  void what_encodes_most_is_chosen_and_one_thread_where_nothing_is_gained() {
    ThreadChoice choice = new ThreadChoice(4, 1);
    // side by side they are four times as fast as alone: 4 / 60 against 2 / 20 and 1 / 15
    assertThat(choice.best(each -> new Timed(each, n -> n == 1 ? 60 : n == 2 ? 20 : 15)))
        .isEqualTo(2);
    assertThat(choice.best(each -> new Timed(each, n -> 60 / n))).isEqualTo(1);
    assertThat(choice.best(each -> new Timed(1, n -> 20))).isEqualTo(1);
  }
}
