package org.equipoise.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PseudoEventsTest {
  private static final LabelledPosts POSTS = ArrayFeatures.posts(60, 3);

  @Test
  void postsThatReadAlikeShareAnEvent() {
    // the made posts' text has two forms, told apart by the sign of its first number
    int[] events = PseudoEvents.of(POSTS, 2, 1).events();
    int text = POSTS.features().views().indexOf(ArrayFeatures.VIEWS.get(2));
    for (int row = 0; row < events.length; row++) {
      float first = POSTS.features().batch(new int[] {row}).views().get(text).values()[0];
      float other = POSTS.features().batch(new int[] {0}).views().get(text).values()[0];
      assertThat(events[row] == events[0]).isEqualTo(Math.signum(first) == Math.signum(other));
    }
  }

  @Test
  void eventsAreNumberedFromZeroWithoutGapsAndTheSameEachTime() {
    LabelledPosts withEvents = PseudoEvents.of(POSTS, 10, 1);
    assertThat(withEvents.eventCount()).isEqualTo(10);
    assertThat(Arrays.stream(withEvents.events()).distinct().count()).isEqualTo(10);
    assertThat(withEvents.events()[0]).isZero();
    assertThat(PseudoEvents.of(POSTS, 10, 1).events()).isEqualTo(withEvents.events());
  }

  @Test
  void neverMoreClustersThanPosts() {
    LabelledPosts few = POSTS.select(new int[] {4, 9, 2});
    assertThat(PseudoEvents.of(few, 10, 1).eventCount()).isLessThanOrEqualTo(3);
  }
}
