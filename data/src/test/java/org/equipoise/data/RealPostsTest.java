package org.equipoise.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.equipoise.core.Post;
import org.equipoise.core.Progress;
import org.equipoise.testing.Folders;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The counts that the data sets' own descriptions give. */
@Tag("data")
class RealPostsTest {
  private static final DataOptions OPTIONS = DataOptions.DEFAULT.withThreads(2);

  private static Map<String, Long> byLabel(Dataset data, boolean withImage) {
    return data.posts().stream()
        .filter(post -> !withImage || !post.images().isEmpty())
        .map(post -> post.label().orElseThrow())
        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
  }

  @Test
  void twitter() {
    Dataset data = World.load("twitter:" + Folders.data().resolve("mediaeval2016"), OPTIONS);
    assertThat(byLabel(data, false)).isEqualTo(Map.of("fake", 9404L, "real", 6225L));
    assertThat(byLabel(data, true)).isEqualTo(Map.of("fake", 7556L, "real", 6207L));
    assertThat(data.skipped()).isEmpty();
    assertThat(data.posts()).allMatch(post -> post.time().isPresent());
    assertThat(data.posts().stream().map(post -> post.event().orElseThrow()).distinct())
        .contains("sandy", "eclipse", "syrianboy")
        .doesNotContain("eclipse_video");
    Dataset complete = data.participating();
    assertThat(complete.posts()).hasSize(13763);
    assertThat(complete.posts().stream().flatMap(post -> post.images().stream()).distinct())
        .hasSize(379);
  }

  @Test
  void weibo() {
    Dataset data = World.load("weibo:" + Folders.data().resolve("weibo"), OPTIONS);
    assertThat(data.posts()).hasSize(3920);
    assertThat(data.posts().stream().filter(post -> !post.images().isEmpty())).hasSize(74);
    assertThat(data.skipped()).hasSize(16).allMatch(p -> p.reason().equals("no_text_no_image"));
    assertThat(data.participating().posts()).hasSize(3920);
    assertThat(data.posts()).allMatch(post -> post.time().isPresent());
  }

  @Test
  void fakeddit() {
    String spec = "fakeddit:" + Folders.data().resolve("fakeddit");
    Dataset data = World.load(spec, OPTIONS);
    assertThat(data.posts()).hasSize(2100);
    assertThat(byLabel(data, true)).isEqualTo(Map.of("fake", 50L, "real", 50L));
    assertThat(data.posts()).extracting(Post::text).noneMatch(text -> text.contains("\"\""));
    assertThat(byLabel(World.load(spec, OPTIONS.withLabels(3)), false).keySet())
        .containsExactlyInAnyOrder("real", "fake-true-text", "fake");
    assertThat(byLabel(World.load(spec, OPTIONS.withLabels(6)), false).keySet())
        .containsExactlyInAnyOrder(
            "real", "satire", "false-connection", "imposter", "manipulated", "misleading");
  }

  @Test
  void aRandomSplitLeaksNearlyEveryImageAndAnImageDisjointOneNone() {
    Dataset data =
        World.load("twitter:" + Folders.data().resolve("mediaeval2016"), OPTIONS).participating();
    LeakAudit random = audit(data, Protocol.RANDOM);
    assertThat((double) random.sharedImage() / random.testPosts()).isGreaterThan(0.95);
    assertThat(random.lookUpAccuracy()).isGreaterThan(0.95);
    LeakAudit disjoint = audit(data, Protocol.IMAGE_DISJOINT);
    assertThat(disjoint.sharedImage() + disjoint.nearDuplicateImage()).isZero();
    assertThat(disjoint.lookUpAccuracy()).isLessThan(0.8);
  }

  private static LeakAudit audit(Dataset data, Protocol protocol) {
    Splits splits = Splitter.split(data, new Splitter.Options(protocol, 1, Set.of(), 3));
    return LeakAudit.of(data, splits, 2, Progress.NONE);
  }

  @Test
  void the2015ProtocolTrainsOnOtherEventsAndValidatesOnBostonInBalance() {
    Dataset data =
        World.load("twitter:" + Folders.data().resolve("mediaeval2016"), OPTIONS).participating();
    Set<String> events =
        Set.of("eclipse", "garissa", "nepal", "samurai", "syrianboy", "varoufakis");
    Splits.Fold fold =
        Splitter.split(data, new Splitter.Options(Protocol.EVENT_DISJOINT, 1, events, 1)).fold(0);
    assertThat(fold.test()).hasSize(1932);
    assertThat(fold.train().size() + fold.validation().size()).isEqualTo(11831);
    Map<String, Post> byId =
        data.posts().stream().collect(Collectors.toMap(Post::id, Function.identity()));
    assertThat(fold.validation().stream().map(id -> byId.get(id).event().orElseThrow()))
        .contains("boston")
        .doesNotContain("sandy");
    double fake = share(fold.validation(), byId);
    assertThat(fake).isCloseTo(share(fold.train(), byId), within(0.03));
    LeakAudit audit = LeakAudit.of(data, fold, 2);
    assertThat(audit.sharedEvent()).isZero();
  }

  private static double share(List<String> ids, Map<String, Post> byId) {
    return ids.stream()
        .mapToInt(id -> byId.get(id).label().orElseThrow().equals("fake") ? 1 : 0)
        .average()
        .orElseThrow();
  }

  @Test
  void statsCountTheUsablePosts() {
    DataStats stats = DataStats.of(World.load("weibo:" + Folders.data().resolve("weibo"), OPTIONS));
    assertThat(stats.posts()).isEqualTo(3920);
    assertThat(stats.postsWithImage()).isEqualTo(74);
    assertThat(stats.skipped()).isEqualTo(16);
    assertThat(stats.reasons()).containsEntry("no_text_no_image", 16);
    assertThat(stats.languages()).isEqualTo(Map.of("zh", 3920));
  }
}
