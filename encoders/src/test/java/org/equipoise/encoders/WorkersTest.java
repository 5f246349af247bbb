package org.equipoise.encoders;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class WorkersTest {
  private static final Workers.Turn TURN = new Workers.Turn(0, 0);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  void work_of_any_weight_never_keeps_more_threads_busy_than_there_are(int count) {
    Random random = new Random(count);
    AtomicInteger busy = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<CompletableFuture<Integer>> results = new ArrayList<>();
    try (Workers workers = new Workers(count)) {
      for (int i = 0; i < 2000; i++) {
        int weight = 1 + random.nextInt(count);
        results.add(
            workers.submit(
                new Workers.Turn(random.nextInt(3), random.nextInt(3)),
                weight,
                () -> {
                  most.accumulateAndGet(busy.addAndGet(weight), Math::max);
                  Thread.yield();
                  return busy.addAndGet(-weight);
                }));
      }
      results.forEach(Workers::await);
    }
    assertThat(most.get()).isBetween(1, count);
    assertThat(busy).hasValue(0);
  }

  @Test
  void work_begins_in_its_turn_and_heavy_work_is_not_overtaken() {
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch go = new CountDownLatch(1);
    try (Workers workers = new Workers(2)) {
      List<CompletableFuture<Boolean>> all = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        all.add(
            workers.submit(
                TURN,
                1,
                () -> {
                  go.await();
                  return true;
                }));
      }
      all.add(workers.submit(new Workers.Turn(1, 0), 1, () -> order.add("next window")));
      all.add(workers.submit(new Workers.Turn(0, 2), 2, () -> order.add("heavy")));
      all.add(workers.submit(new Workers.Turn(0, 3), 1, () -> order.add("light")));
      go.countDown();
      all.forEach(Workers::await);
    }
    assertThat(order)
        .startsWith("heavy")
        .containsExactlyInAnyOrder("heavy", "light", "next window");
  }
}
