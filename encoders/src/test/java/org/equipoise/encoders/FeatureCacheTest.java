package org.equipoise.encoders;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FeatureCacheTest {
  private final FeatureCache<String, Integer> cache = new FeatureCache<>(10, (key, size) -> size);

  @Test
  void what_was_used_longest_ago_goes_first_when_memory_is_full() {
    cache.put("a", 4);
    cache.put("b", 4);
    assertThat(cache.find("a")).hasValue(4);
    cache.put("c", 4);
    assertThat(cache.find("b")).isEmpty();
    assertThat(cache.find("a")).hasValue(4);
    cache.put("huge", 11);
    assertThat(cache.find("huge")).isEmpty();
  }

  @Test
  void the_first_who_asks_makes_the_value_and_a_failure_is_not_remembered() {
    FeatureCache.Claim<Integer> first = cache.claim("a");
    FeatureCache.Claim<Integer> second = cache.claim("a");
    assertThat(first.first()).isTrue();
    assertThat(second.first()).isFalse();
    first.value().completeExceptionally(new IllegalStateException("out of order"));
    assertThat(second.value()).isCompletedExceptionally();

    FeatureCache.Claim<Integer> third = cache.claim("a");
    assertThat(third.first()).isTrue();
    third.value().complete(3);
    assertThat(cache.claim("a").value()).isCompletedWithValue(3);
    assertThat(cache.claim("a").first()).isFalse();
  }
}
