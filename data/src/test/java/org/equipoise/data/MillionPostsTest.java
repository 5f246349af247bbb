package org.equipoise.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.equipoise.core.Post;
import org.equipoise.media.PdqHash;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What splitting by images and auditing cost when posts are many. */
class MillionPostsTest {
  private static final int WORDS = 40_000;

  /** A third as many images as posts, a fifth of them near-duplicates of another. */
  private static Dataset world(int count) {
    Random random = new Random(1);
    Map<Path, ImageFacts> images = new HashMap<>();
    List<Path> paths = new ArrayList<>();
    List<PdqHash> hashes = new ArrayList<>();
    for (int i = 0; i < count / 3; i++) {
      PdqHash hash =
          i % 5 == 4
              ? NearDuplicatesTest.turned(hashes.get(random.nextInt(i)), random.nextInt(40), random)
              : NearDuplicatesTest.random(random);
      hashes.add(hash);
      paths.add(Path.of("image" + i));
      images.put(paths.get(i), new ImageFacts("content" + i, hash));
    }
    List<Post> posts = new ArrayList<>();
    List<String[]> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String[] words;
      if (i % 10 == 9) {
        words = texts.get(random.nextInt(texts.size())).clone();
        words[words.length - 1] = "changed";
      } else {
        words = new String[8 + random.nextInt(16)];
        for (int w = 0; w < words.length; w++) {
          // rare words are rare: the product of two draws favours small numbers
          words[w] = "w" + (int) (WORDS * random.nextDouble() * random.nextDouble());
        }
      }
      if (texts.size() < 10_000) {
        texts.add(words);
      }
      posts.add(
          Post.builder("p" + i)
              .text(String.join(" ", words))
              .label(random.nextInt(5) < 3 ? "fake" : "real")
              .event("event" + random.nextInt(500))
              .images(List.of(paths.get(random.nextInt(paths.size()))))
              .build());
    }
    return Dataset.of("world", posts, images, Incomplete.DROP);
  }

  private static void measure(int count, Duration limit) {
    Dataset data = world(count);
    long start = System.nanoTime();
    Splits.Fold random = split(data, Protocol.RANDOM);
    Splits.Fold disjoint = split(data, Protocol.IMAGE_DISJOINT);
    long splitTime = System.nanoTime() - start;
    LeakAudit leaks = LeakAudit.of(data, random, 2);
    long auditTime = System.nanoTime() - start - splitTime;
    assertThat(leaks.testPosts()).isEqualTo(count / 5);
    assertThat((double) leaks.sharedImage() / leaks.testPosts()).isGreaterThan(0.85);
    assertThat((double) leaks.nearDuplicateText() / leaks.testPosts()).isGreaterThan(0.05);
    LeakAudit none = LeakAudit.of(data, disjoint, 2);
    assertThat(none.sharedImage() + none.nearDuplicateImage()).isZero();
    assertThat(Duration.ofNanos(auditTime)).isLessThan(limit);
    System.out.printf(
        "%,d posts: two splits %.1f s, audit %.1f s, largest heap %d MB%n",
        count, splitTime / 1e9, auditTime / 1e9, Runtime.getRuntime().totalMemory() >> 20);
  }

  private static Splits.Fold split(Dataset data, Protocol protocol) {
    return Splitter.split(data, new Splitter.Options(protocol, 1, Set.of(), 1)).fold(0);
  }

  @Test
  @Tag("slow")
  void fiftyThousandPostsAreAuditedInSeconds() {
    measure(50_000, Duration.ofSeconds(60));
  }

  @Test
  @Tag("long")
  void aMillionPostsAreAuditedInMinutes() {
    measure(1_000_000, Duration.ofMinutes(10));
  }
}
