package org.equipoise.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.equipoise.core.Post;
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
}
