package org.equipoise.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.equipoise.core.Post;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoPostsTest {
  @TempDir Path folder;

  private static Map<String, Long> count(Dataset data, Function<Post, String> key) {
    return data.posts().stream().collect(Collectors.groupingBy(key, Collectors.counting()));
  }

  private static String told(Post post) {
    boolean fire = post.text().matches(".*(fire|flame|blaze|burn).*");
    boolean flood = post.text().matches(".*(flood|water|river).*");
    return fire == flood ? "neither" : fire ? "fire" : "flood";
  }

  @Test
  void everyTownHasBothClassesAndNeitherCaptionNorPictureTellsThemApart() throws IOException {
    Path file = DemoPosts.write(folder, 7, 80, 2);
    Dataset data = World.load(file.toString(), DataOptions.DEFAULT.withThreads(2));
    assertThat(data.posts()).hasSize(80).allMatch(post -> post.images().size() == 1);
    assertThat(count(data, post -> post.event().orElse("") + post.label().orElse("")))
        .hasSize(20)
        .allSatisfy((key, posts) -> assertThat(posts).isEqualTo(4));
    Map<String, Long> told = count(data, post -> told(post) + " " + post.label().orElse(""));
    assertThat(told.get("fire real") + told.get("flood real")).isBetween(30L, 40L);
    assertThat(Math.abs(told.get("fire real") - told.get("fire fake"))).isLessThan(8);
    assertThat(Math.abs(told.get("flood real") - told.get("flood fake"))).isLessThan(8);
    assertThat(DataStats.of(data).repeatedImages()).isZero();
  }

  @Test
  void aSplitByEventsLeaksNothingAndLookingUpIsGuessing() throws IOException {
    Path file = DemoPosts.write(folder, 3, 120, 2);
    Dataset data = World.load(file.toString(), DataOptions.DEFAULT.withThreads(2));
    assertThat(Splitter.defaultProtocol(data)).isEqualTo(Protocol.EVENT_DISJOINT);
    Splits splits =
        Splitter.split(data, new Splitter.Options(Protocol.EVENT_DISJOINT, 1, Set.of(), 1));
    assertThat(splits.fold(0).test()).hasSize(24);
    assertThat(splits.fold(0).validation()).hasSize(12);
    LeakAudit audit = LeakAudit.of(data, splits.fold(0), 2);
    assertThat(audit.sharedImage() + audit.nearDuplicateImage() + audit.sharedEvent()).isZero();
    assertThat(audit.lookUpAccuracy()).isBetween(0.2, 0.8);
  }

  @Test
  void theSameSeedGivesTheSameBytesAndAnotherSeedOthers() throws IOException {
    Path first = DemoPosts.write(folder.resolve("first"), 1, 40, 1);
    Path again = DemoPosts.write(folder.resolve("again"), 1, 40, 2);
    Path other = DemoPosts.write(folder.resolve("other"), 2, 40, 2);
    assertThat(again).hasSameBinaryContentAs(first);
    Path image = Path.of("images/demo-04-0002.jpg");
    assertThat(again.resolveSibling(image)).hasSameBinaryContentAs(first.resolveSibling(image));
    assertThat(Files.readString(other)).isNotEqualTo(Files.readString(first));
  }
}
