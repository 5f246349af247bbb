package org.equipoise.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.equipoise.media.PdqHash;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NearDuplicatesTest {
  static PdqHash random(Random random) {
    return new PdqHash(
        random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong(), 100);
  }

  /** The hash with so many of its bits, chosen at random, turned. */
  static PdqHash turned(PdqHash hash, int bits, Random random) {
    long[] words = {hash.bits0(), hash.bits1(), hash.bits2(), hash.bits3()};
    TreeSet<Integer> chosen = new TreeSet<>();
    while (chosen.size() < bits) {
      chosen.add(random.nextInt(256));
    }
    chosen.forEach(bit -> words[bit / 64] ^= 1L << (bit % 64));
    return new PdqHash(words[0], words[1], words[2], words[3], hash.quality());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void everyHashWithin31BitsIsFoundAndNoOther(long seed) {
    Random random = new Random(seed);
    List<PdqHash> hashes = new ArrayList<>();
    PdqHash query = random(random);
    for (int distance = 0; distance <= 64; distance++) {
      hashes.add(turned(query, distance, random));
    }
    TreeSet<Integer> found = new TreeSet<>();
    new PdqIndex(hashes).forEachNear(query, found::add);
    assertThat(found).hasSize(32).first().isEqualTo(0);
    assertThat(found).last().isEqualTo(31);
  }

  @Test
  void nearestHashIsTheFirstOfTheClosest() {
    Random random = new Random(4);
    PdqHash query = random(random);
    List<PdqHash> hashes =
        List.of(turned(query, 20, random), turned(query, 7, random), turned(query, 7, random));
    assertThat(new PdqIndex(hashes).nearest(query)).isEqualTo(1);
    assertThat(new PdqIndex(List.of(turned(query, 32, random))).nearest(query)).isEqualTo(-1);
    assertThat(new PdqIndex(List.of()).nearest(query)).isEqualTo(-1);
  }

  private static double similarity(String a, String b) {
    long[] first = Shingles.of(a);
    long[] second = Shingles.of(b);
    return Shingles.jaccard(first, 0, first.length, second, 0, second.length);
  }

  @Test
  void wordsAreComparedInRunsOfFive() {
    // 8 words give 4 runs; another last word changes one of them: 3 common of 5 in all
    assertThat(similarity("a b c d e f g h", "a b c d e f g x")).isCloseTo(0.6, within(1e-12));
    assertThat(similarity("a b c d e", "e d c b a")).isZero();
    assertThat(similarity("short text", "Short, text!")).isEqualTo(1);
    assertThat(similarity("", "")).isZero();
  }

  @Test
  void addressesCaseAndPunctuationDoNotCount() {
    assertThat(
            similarity(
                "Look at THIS shark, in the street http://t.co/abc",
                "look at this shark in the street https://t.co/xyz"))
        .isEqualTo(1);
  }

  @Test
  void chineseIsComparedInRunsOfThreeCharacters() {
    // 6 characters give 4 runs; another last one changes one of them
    assertThat(
            similarity(
                "\u4e00\u4e8c\u4e09\u56db\u4e94\u516d", "\u4e00\u4e8c\u4e09\u56db\u4e94\u4e03"))
        .isCloseTo(0.6, within(1e-12));
    assertThat(Shingles.of("\u4e00\u4e8c\uff0c\u4e09\u56db")).hasSize(2);
  }

  private static String words(Random random, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append('w').append(random.nextInt(3000)).append(' ');
    }
    return text.toString();
  }

  @Test
  void nearDuplicateTextsAreTheSameAsAllPairsGive() {
    Random random = new Random(5);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      texts.add(words(random, 4 + random.nextInt(30)));
    }
    TextIndex index = new TextIndex(texts, 2);
    TextIndex.Search search = index.search();
    int near = 0;
    for (int i = 0; i < 300; i++) {
      String[] words = texts.get(random.nextInt(texts.size())).split(" ");
      int changes = random.nextInt(3);
      for (int c = 0; c < changes; c++) {
        words[random.nextInt(words.length)] = "new" + c;
      }
      String query = String.join(" ", words);
      double best = texts.stream().mapToDouble(text -> similarity(text, query)).max().orElse(0);
      assertThat(search.hasNearDuplicate(query)).isEqualTo(best >= TextIndex.NEAR_DUPLICATE);
      if (best >= TextIndex.NEAR_DUPLICATE) {
        near++;
        int nearest = search.nearest(query);
        assertThat(similarity(texts.get(nearest), query)).isEqualTo(best);
      }
    }
    assertThat(near).isBetween(100, 299);
  }

  @Test
  void textsWithTheSameWordsAreOneAndTextsWithoutWordsAreNone() {
    TextIndex index = new TextIndex(List.of("a b c", "A, b c!", "...", "d e f"), 1);
    assertThat(index.size()).isEqualTo(2);
    assertThat(index.textOf(1)).isZero();
    assertThat(index.textOf(2)).isEqualTo(-1);
    assertThat(index.search().nearest("!?")).isEqualTo(-1);
    assertThat(new TextIndex(List.of(), 1).search().nearest("a b c")).isEqualTo(-1);
  }
}
