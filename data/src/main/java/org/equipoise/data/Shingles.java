package org.equipoise.data;

import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;
import java.lang.Character.UnicodeScript;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/**
 * A text as the set of its overlapping pieces: runs of five words, or of three characters in
 * scripts that write no spaces between words. Case, punctuation and addresses do not count: each
 * copy of a post carries its own shortened address. A text of fewer than five words is one piece.
 */
final class Shingles {
  private static final int WORDS = 5;
  private static final int CHARACTERS = 3;
  private static final Pattern ADDRESS = Pattern.compile("(?:https?://|www\\.)[!-~]+");
  private static final Hasher64 HASHER = Hashing.komihash5_0();

  /** No script below this code point leaves out spaces. */
  private static final int FIRST_SPACELESS = 0x0E00;

  private Shingles() {}

  /** The hashes of the pieces, sorted and distinct; none for a text without letters and digits. */
  static long[] of(String text) {
    String address = text.indexOf("://") >= 0 || text.indexOf("www.") >= 0 ? " " : "";
    String plain = address.isEmpty() ? text : ADDRESS.matcher(text).replaceAll(address);
    String normal = Normalizer.normalize(plain, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    int[] points = normal.codePoints().toArray();
    long[] pieces = isSpaceless(points) ? ofCharacters(points) : ofWords(normal);
    Arrays.sort(pieces);
    return distinct(pieces);
  }

  private static boolean isSpaceless(int[] points) {
    int letters = 0;
    int spaceless = 0;
    for (int point : points) {
      if (Character.isLetter(point)) {
        letters++;
        if (point >= FIRST_SPACELESS && hasNoSpaces(UnicodeScript.of(point))) {
          spaceless++;
        }
      }
    }
    return spaceless * 2 > letters;
  }

  private static boolean hasNoSpaces(UnicodeScript script) {
    return switch (script) {
      case HAN, HIRAGANA, KATAKANA, THAI, LAO, KHMER, MYANMAR, TIBETAN -> true;
      default -> false;
    };
  }

  private static long[] ofCharacters(int[] points) {
    long[] characters =
        Arrays.stream(points).filter(Character::isLetterOrDigit).asLongStream().toArray();
    return runs(characters, CHARACTERS);
  }

  private static long[] ofWords(String text) {
    LongStream.Builder words = LongStream.builder();
    int start = -1;
    for (int i = 0; i <= text.length(); i++) {
      boolean inside = i < text.length() && isWordPart(text.charAt(i));
      if (inside && start < 0) {
        start = i;
      } else if (!inside && start >= 0) {
        words.add(HASHER.hashCharsToLong(text.substring(start, i)));
        start = -1;
      }
    }
    return runs(words.build().toArray(), WORDS);
  }

  private static boolean isWordPart(char c) {
    return Character.isLetterOrDigit(c)
        || Character.isSurrogate(c)
        || Character.getType(c) == Character.NON_SPACING_MARK
        || Character.getType(c) == Character.COMBINING_SPACING_MARK;
  }

  private static long[] runs(long[] units, int length) {
    int run = Math.min(length, units.length);
    long[] runs = new long[units.length == 0 ? 0 : units.length - run + 1];
    for (int i = 0; i < runs.length; i++) {
      long hash = run;
      for (int j = 0; j < run; j++) {
        hash = HASHER.hashLongLongToLong(hash, units[i + j]);
      }
      runs[i] = hash;
    }
    return runs;
  }

  private static long[] distinct(long[] sorted) {
    int count = 0;
    for (int i = 0; i < sorted.length; i++) {
      if (i == 0 || sorted[i] != sorted[i - 1]) {
        sorted[count++] = sorted[i];
      }
    }
    return Arrays.copyOf(sorted, count);
  }

  /** One number for the whole set: equal for equal sets, and hardly ever for others. */
  static long fingerprint(long[] set) {
    long hash = set.length;
    for (long piece : set) {
      hash = HASHER.hashLongLongToLong(hash, piece);
    }
    return hash;
  }

  /** The size of the intersection over that of the union of two such sets; 0 if one is empty. */
  static double jaccard(long[] a, int aStart, int aEnd, long[] b, int bStart, int bEnd) {
    int i = aStart;
    int j = bStart;
    int common = 0;
    while (i < aEnd && j < bEnd) {
      if (a[i] == b[j]) {
        common++;
        i++;
        j++;
      } else if (a[i] < b[j]) {
        i++;
      } else {
        j++;
      }
    }
    int union = aEnd - aStart + bEnd - bStart - common;
    return common == 0 ? 0 : (double) common / union;
  }
}
