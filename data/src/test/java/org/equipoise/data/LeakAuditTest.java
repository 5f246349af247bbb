package org.equipoise.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.equipoise.core.Post;
import org.equipoise.core.Progress;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.io.Json;
import org.equipoise.media.PdqHash;
import org.junit.jupiter.api.Test;

class LeakAuditTest {
  private final Map<Path, ImageFacts> images = new HashMap<>();
  private final List<Post> posts = new ArrayList<>();

  private void post(String id, String label, String event, String text, String image) {
    Post.Builder post = Post.builder(id).label(label).event(event).text(text);
    posts.add(image.isEmpty() ? post.build() : post.images(List.of(Path.of(image))).build());
  }

  private Dataset world() {
    Random random = new Random(1);
    PdqHash a = NearDuplicatesTest.random(random);
    PdqHash b = NearDuplicatesTest.random(random);
    PdqHash flat = new PdqHash(a.bits0(), a.bits1(), a.bits2(), a.bits3(), 49);
    images.put(Path.of("a"), new ImageFacts("content a", a));
    images.put(Path.of("b"), new ImageFacts("content b", b));
    images.put(
        Path.of("a2"), new ImageFacts("content a2", NearDuplicatesTest.turned(a, 31, random)));
    images.put(Path.of("flat"), new ImageFacts("content flat", flat));
    images.put(
        Path.of("b2"), new ImageFacts("content b2", NearDuplicatesTest.turned(b, 32, random)));
    post("train 1", "fake", "storm", "one two three four five six seven", "a");
    post("train 2", "fake", "storm", "eight nine ten eleven twelve", "a");
    post("train 3", "real", "storm", "the quick brown fox jumps over it", "a");
    post("train 4", "real", "flood", "nothing to do with that at all", "b");
    post("train 5", "real", "flood", "", "");
    post("same image", "fake", "quake", "another text of many other words", "a");
    post("near image", "fake", "storm", "words that nobody else has ever said", "a2");
    post("flat image", "real", "quake", "the quick brown fox jumps over it", "flat");
    post("far image", "real", "quake", "unlike all there is in the world", "b2");
    post("one word off", "fake", "flood", "one two three four five six", "");
    return Dataset.of("world", posts, images, Incomplete.KEEP);
  }

  private static Splits.Fold fold() {
    return new Splits.Fold(
        List.of("train 1", "train 2", "train 3"),
        List.of("train 4", "train 5"),
        List.of("same image", "near image", "flat image", "far image", "one word off"));
  }

  @Test
  void countsWhatTestPostsShareWithTrainingAndValidationPosts() {
    LeakAudit audit = LeakAudit.of(world(), fold(), 2);
    assertThat(audit.testPosts()).isEqualTo(5);
    assertThat(audit.sharedImage()).isEqualTo(1);
    assertThat(audit.nearDuplicateImage()).isEqualTo(1);
    // "flat image" repeats a text; "one word off" has 2 of 3 runs, which is below 0.7
    assertThat(audit.nearDuplicateText()).isEqualTo(1);
    assertThat(audit.sharedEvent()).isEqualTo(2);
    // image a: fake by 2 to 1; the text of train 3: real; nothing: real, the commonest; text: fake
    assertThat(audit.lookUpAccuracy()).isCloseTo(1.0, within(1e-12));
  }

  @Test
  void lookUpTakesImageThenNearImageThenTextThenTheCommonestLabel() {
    Dataset data = world();
    LookUp lookUp =
        LookUp.fit(posts.subList(0, 5), List.of("p", "p", "q", "r", "r"), data::image, 1);
    assertThat(lookUp.predict(posts.subList(5, 10))).containsExactly("p", "p", "q", "p", "p");
  }

  @Test
  void jsonHasTheNamesOfTheContract() {
    LeakAudit audit = new LeakAudit(5, 4, 3, 2, 1, 0.5);
    assertThat(Json.line(audit))
        .isEqualTo(
            "{\"test_posts\":5,\"shared_image\":4,\"near_duplicate_image\":3,"
                + "\"near_duplicate_text\":2,\"shared_event\":1,\"look_up_accuracy\":0.5}");
    assertThat(audit.toText()).contains("4 (80.0 %)");
  }

  @Test
  void splitsOfOtherPostsAreRefused() {
    Dataset data = world();
    Splits others =
        new Splits("0".repeat(64), Protocol.RANDOM, 1, Incomplete.KEEP, List.of(fold()));
    assertThatThrownBy(() -> LeakAudit.of(data, others, 1, Progress.NONE))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("other posts");
    Splits unknown =
        new Splits(
            data.fingerprint(),
            Protocol.RANDOM,
            1,
            Incomplete.KEEP,
            List.of(new Splits.Fold(List.of("x"), List.of(), List.of())));
    assertThatThrownBy(() -> LeakAudit.of(data, unknown, 1, Progress.NONE))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("'x'");
  }

  @Test
  void severalFoldsAreAddedUp() {
    Dataset data = world();
    Splits splits =
        new Splits(
            data.fingerprint(), Protocol.RANDOM, 1, Incomplete.KEEP, List.of(fold(), fold()));
    LeakAudit audit = LeakAudit.of(data, splits, 1, Progress.NONE);
    assertThat(audit.testPosts()).isEqualTo(10);
    assertThat(audit.sharedImage()).isEqualTo(2);
    assertThat(audit.lookUpAccuracy()).isCloseTo(1.0, within(1e-12));
  }
}
