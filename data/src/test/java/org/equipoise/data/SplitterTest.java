package org.equipoise.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.equipoise.core.Post;
import org.equipoise.core.WrongUseException;
import org.equipoise.media.PdqHash;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SplitterTest {
  private static final OffsetDateTime START =
      OffsetDateTime.of(2020, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

  private final List<Post> posts = new ArrayList<>();
  private final Map<Path, ImageFacts> images = new HashMap<>();

  /** Posts with made images: a few images hold many posts, some are near-duplicates of others. */
  private Dataset world(long seed, int count, int events) {
    Random random = new Random(seed);
    List<PdqHash> hashes = new ArrayList<>();
    for (int i = 0; i < count / 4; i++) {
      PdqHash hash =
          i % 5 == 4
              ? NearDuplicatesTest.turned(hashes.get(i - 1), 20, random)
              : NearDuplicatesTest.random(random);
      hashes.add(hash);
      images.put(Path.of("image" + i), new ImageFacts("content" + i, hash));
    }
    for (int i = 0; i < count; i++) {
      int image = Math.min(random.nextInt(count / 4), random.nextInt(count / 4));
      Post.Builder post =
          Post.builder("p" + i)
              .text("text " + i)
              .label(random.nextInt(3) == 0 ? "real" : "fake")
              .event("event" + random.nextInt(events))
              .time(START.plusHours(random.nextInt(10_000)))
              .split(i % 5 == 0 ? "test" : "train");
      posts.add(
          i % 10 == 0 ? post.build() : post.images(List.of(Path.of("image" + image))).build());
    }
    return Dataset.of("world", posts, images, Incomplete.KEEP);
  }

  private static Splitter.Options options(Protocol protocol, int folds, long seed) {
    return new Splitter.Options(protocol, folds, Set.of(), seed);
  }

  private Map<String, Post> byId() {
    return posts.stream().collect(Collectors.toMap(Post::id, Function.identity()));
  }

  private Set<String> values(List<String> ids, Function<Post, String> value) {
    Map<String, Post> byId = byId();
    Set<String> values = new TreeSet<>();
    ids.forEach(id -> values.add(value.apply(byId.get(id))));
    return values;
  }

  private void checkFold(Splits.Fold fold) {
    Set<String> all = new HashSet<>(fold.train());
    all.addAll(fold.validation());
    all.addAll(fold.test());
    assertThat(all).hasSize(posts.size());
    assertThat(fold.train().size() + fold.validation().size() + fold.test().size())
        .isEqualTo(posts.size());
    for (List<String> part : List.of(fold.train(), fold.validation(), fold.test())) {
      assertThat(values(part, post -> post.label().orElseThrow())).containsExactly("fake", "real");
    }
  }

  private double fakeShare(List<String> ids) {
    Map<String, Post> byId = byId();
    return ids.stream().filter(id -> byId.get(id).label().orElseThrow().equals("fake")).count()
        / (double) ids.size();
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void everyPostIsInOnePartAndEveryPartHasEveryClass(Protocol protocol) {
    Dataset data = world(1, 600, 12);
    Splits splits = Splitter.split(data, options(protocol, 1, 3));
    assertThat(splits.folds()).hasSize(1);
    Splits.Fold fold = splits.fold(0);
    checkFold(fold);
    assertThat((double) fold.test().size()).isBetween(0.15 * 600, 0.25 * 600);
    assertThat((double) fold.validation().size()).isBetween(0.06 * 480, 0.14 * 480);
    if (protocol != Protocol.CHRONOLOGICAL && protocol != Protocol.PUBLISHED) {
      assertThat(Math.abs(fakeShare(fold.test()) - fakeShare(fold.train()))).isLessThan(0.06);
    }
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void theSameSeedGivesTheSameBytes(Protocol protocol) {
    Dataset data = world(2, 300, 8);
    String first = Splitter.split(data, options(protocol, 1, 5)).toJson();
    assertThat(Splitter.split(data, options(protocol, 1, 5)).toJson()).isEqualTo(first);
  }

  @ParameterizedTest
  @EnumSource(
      value = Protocol.class,
      names = {"RANDOM", "IMAGE_DISJOINT"})
  void anotherSeedGivesOtherParts(Protocol protocol) {
    Dataset data = world(3, 300, 8);
    assertThat(Splitter.split(data, options(protocol, 1, 1)).folds())
        .isNotEqualTo(Splitter.split(data, options(protocol, 1, 2)).folds());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void imageDisjointKeepsSameAndNearDuplicateImagesOnOneSide(long seed) {
    Dataset data = world(seed, 400, 5);
    for (Splits.Fold fold :
        Splitter.split(data, options(Protocol.IMAGE_DISJOINT, 4, seed)).folds()) {
      checkFold(fold);
      LeakAudit audit = LeakAudit.of(data, fold, 2);
      assertThat(audit.sharedImage()).isZero();
      assertThat(audit.nearDuplicateImage()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Protocol.class,
      names = {"RANDOM", "IMAGE_DISJOINT", "EVENT_DISJOINT"})
  void testSetsOfTheFoldsAreAllPostsOnce(Protocol protocol) {
    Dataset data = world(4, 400, 20);
    Splits splits = Splitter.split(data, options(protocol, 5, 1));
    List<String> tested = new ArrayList<>();
    for (Splits.Fold fold : splits.folds()) {
      checkFold(fold);
      tested.addAll(fold.test());
      assertThat(fold.test().size()).isBetween(60, 100);
    }
    assertThat(tested).hasSize(400).doesNotHaveDuplicates();
  }

  @Test
  void eventDisjointSharesNoEventBetweenAnyParts() {
    Dataset data = world(5, 400, 12);
    Splits.Fold fold = Splitter.split(data, options(Protocol.EVENT_DISJOINT, 1, 1)).fold(0);
    Function<Post, String> event = post -> post.event().orElseThrow();
    assertThat(values(fold.train(), event)).doesNotContainAnyElementsOf(values(fold.test(), event));
    assertThat(values(fold.train(), event))
        .doesNotContainAnyElementsOf(values(fold.validation(), event));
  }

  @Test
  void namedEventsAreTheTestSetAndUnknownOnesAreListed() {
    Dataset data = world(6, 400, 6);
    Splits.Fold fold =
        Splitter.split(
                data,
                new Splitter.Options(Protocol.EVENT_DISJOINT, 1, Set.of("event0", "event3"), 1))
            .fold(0);
    assertThat(values(fold.test(), post -> post.event().orElseThrow()))
        .containsExactly("event0", "event3");
    assertThatThrownBy(
            () ->
                Splitter.split(
                    data, new Splitter.Options(Protocol.EVENT_DISJOINT, 1, Set.of("atlantis"), 1)))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("'atlantis'")
        .hasMessageContaining("event0, event1");
  }

  private void add(String event, String label, int count, int imagesOfTheirOwn) {
    Random random = new Random(posts.size());
    for (int i = 0; i < count; i++) {
      Path image = Path.of(event + label + i % imagesOfTheirOwn);
      images.computeIfAbsent(
          image, path -> new ImageFacts(path.toString(), NearDuplicatesTest.random(random)));
      posts.add(
          Post.builder("p" + posts.size())
              .text("t")
              .label(label)
              .event(event)
              .images(List.of(image))
              .build());
    }
  }

  @Test
  void validationUnderEventDisjointIsTheSmallMixedEventWithFakeEventsInBalance() {
    add("test", "fake", 40, 5);
    add("test", "real", 40, 5);
    add("big", "fake", 500, 20);
    add("big", "real", 400, 20);
    add("small", "fake", 20, 5);
    add("small", "real", 40, 5);
    for (int i = 0; i < 6; i++) {
      add("fake" + i, "fake", 15, 3);
    }
    Dataset data = Dataset.of("world", posts, images, Incomplete.DROP);
    Splits.Fold fold =
        Splitter.split(data, new Splitter.Options(Protocol.EVENT_DISJOINT, 1, Set.of("test"), 1))
            .fold(0);
    assertThat(values(fold.validation(), post -> post.event().orElseThrow()))
        .contains("small")
        .doesNotContain("big");
    assertThat(Math.abs(fakeShare(fold.validation()) - fakeShare(fold.train()))).isLessThan(0.05);
  }

  @Test
  void validationIsImageGroupsOfTheEventThatIsOverHalfWhereNoOtherHoldsBothClasses() {
    add("test", "fake", 40, 5);
    add("test", "real", 40, 5);
    add("big", "fake", 200, 20);
    add("big", "real", 200, 20);
    add("only fake", "fake", 50, 5);
    Dataset data = Dataset.of("world", posts, images, Incomplete.DROP);
    Splits.Fold fold =
        Splitter.split(data, new Splitter.Options(Protocol.EVENT_DISJOINT, 1, Set.of("test"), 1))
            .fold(0);
    checkFold(fold);
    assertThat(values(fold.validation(), post -> post.event().orElseThrow()))
        .containsExactly("big");
    assertThat(fold.validation().size()).isBetween(35, 55);
    assertThat(values(fold.train(), post -> post.images().get(0).toString()))
        .doesNotContainAnyElementsOf(
            values(fold.validation(), post -> post.images().get(0).toString()));
  }

  @Test
  void chronologicalTestsOnTheLatestAndKeepsAMomentTogether() {
    Dataset data = world(7, 300, 5);
    Splits.Fold fold = Splitter.split(data, options(Protocol.CHRONOLOGICAL, 1, 1)).fold(0);
    Map<String, Post> byId = byId();
    Function<List<String>, List<OffsetDateTime>> times =
        ids -> ids.stream().map(id -> byId.get(id).time().orElseThrow()).sorted().toList();
    List<OffsetDateTime> train = times.apply(fold.train());
    List<OffsetDateTime> validation = times.apply(fold.validation());
    List<OffsetDateTime> test = times.apply(fold.test());
    assertThat(train.get(train.size() - 1)).isBefore(validation.get(0));
    assertThat(validation.get(validation.size() - 1)).isBefore(test.get(0));
  }

  @Test
  void publishedPartsAreTheAuthors() {
    Dataset data = world(8, 300, 5);
    Splits.Fold fold = Splitter.split(data, options(Protocol.PUBLISHED, 1, 1)).fold(0);
    assertThat(values(fold.test(), post -> post.split().orElseThrow())).containsExactly("test");
    assertThat(fold.test()).hasSize(60);
  }

  @Test
  void whatCannotBeIsRefusedWithTheReason() {
    add("a", "fake", 30, 3);
    add("b", "real", 30, 3);
    Dataset data = Dataset.of("world", posts, images, Incomplete.DROP);
    refused(data, options(Protocol.EVENT_DISJOINT, 1, 1), "every class");
    refused(data, options(Protocol.EVENT_DISJOINT, 3, 1), "only 1 events hold");
    refused(data, options(Protocol.IMAGE_DISJOINT, 5, 1), "only 3 images");
    refused(data, options(Protocol.PUBLISHED, 1, 1), "no published part");
    refused(data, options(Protocol.CHRONOLOGICAL, 1, 1), "60 of 60 posts have no time");
    refused(data, options(Protocol.CHRONOLOGICAL, 3, 1), "one test set only");
    refused(data, options(Protocol.RANDOM, 0, 1), "at least one");
    refused(data, options(Protocol.RANDOM, 61, 1), "only 60 posts");
    refused(
        data,
        new Splitter.Options(Protocol.EVENT_DISJOINT, 1, Set.of("a"), 1),
        "no post of the class 'real'");
    refused(data, new Splitter.Options(Protocol.RANDOM, 1, Set.of("a"), 1), "only event-disjoint");
    refused(data, new Splitter.Options(Protocol.EVENT_DISJOINT, 2, Set.of("a"), 1), "one test set");
    assertThat(Splitter.defaultProtocol(data)).isEqualTo(Protocol.IMAGE_DISJOINT);
  }

  private static void refused(Dataset data, Splitter.Options options, String reason) {
    assertThatThrownBy(() -> Splitter.split(data, options))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void postsWithoutLabelOrOfOneClassAreRefused() {
    posts.add(Post.builder("1").text("a").label("fake").build());
    Dataset one = Dataset.of("world", posts, images, Incomplete.KEEP);
    refused(one, options(Protocol.RANDOM, 1, 1), "all posts of world are labelled 'fake'");
    posts.add(Post.builder("2").text("b").build());
    Dataset unlabelled = Dataset.of("world", posts, images, Incomplete.KEEP);
    refused(unlabelled, options(Protocol.RANDOM, 1, 1), "post '2'");
  }

  @Test
  void splitsSurviveAWriteAndARead(@TempDir Path folder) throws IOException {
    Splits splits = Splitter.split(world(9, 100, 5), options(Protocol.RANDOM, 3, 7));
    Path file = folder.resolve("splits.json");
    splits.write(file);
    assertThat(Splits.read(file)).isEqualTo(splits);
    assertThat(Files.readString(file))
        .startsWith("{\"format_version\":1,\"data\":\"" + splits.data())
        .contains(
            "\"protocol\":\"random\",\"seed\":7,\"incomplete\":\"keep\",\"folds\":[{\"train\":[");
    assertThatThrownBy(() -> splits.fold(3))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("folds 0 to 2");
    World.text(file, "{}");
    assertThatThrownBy(() -> Splits.read(file))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("splits.json");
  }
}
