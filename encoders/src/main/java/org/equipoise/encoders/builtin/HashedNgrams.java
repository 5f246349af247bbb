package org.equipoise.encoders.builtin;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.equipoise.core.Form;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.config.Schema;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.core.features.Features;
import org.equipoise.core.io.Hashes;
import org.equipoise.encoders.Content;
import org.equipoise.encoders.Encoder;
import org.equipoise.encoders.Encoding;
import org.equipoise.encoders.Prepared;

/**
 * Word and character n-grams of a text in any language, hashed to a fixed width with signs (the
 * hashing trick of Weinberger et al. 2009).
 *
 * <p>The text is brought to NFKC and lower case and cut into words: runs of letters, digits and
 * marks; every other visible character, and every Chinese or Japanese character, is a word of its
 * own. An n-gram is one or more neighbouring words, or {@code k} neighbouring characters of a word
 * that has a space put before and after it. One that occurs {@code n} times counts {@code 1 + ln
 * n}. The vector has unit length.
 *
 * <p>Pooled: one vector of the whole text. Tokens: one vector for each {@code window} words, of at
 * most {@code windows} of them.
 */
public final class HashedNgrams implements Encoder {
  /** The name in encoders' files. */
  public static final String NAME = "builtin/text_pattern";

  private static final int CODE_VERSION = 1;

  private static final Setting<Integer> WIDTH =
      Setting.integer("width", 1024, 16, 1 << 20, "numbers per token, d");
  private static final Setting<Integer> WORDS =
      Setting.integer("words", 2, 0, 5, "the longest n-gram of words; 0 for none");
  private static final Setting<Integer> CHARACTERS_FROM =
      Setting.integer("characters_from", 3, 1, 9, "the shortest n-gram of characters");
  private static final Setting<Integer> CHARACTERS_TO =
      Setting.integer("characters_to", 4, 0, 9, "the longest n-gram of characters; 0 for none");
  private static final Setting<Integer> WINDOW =
      Setting.integer("window", 8, 1, 1000, "words per token");
  private static final Setting<Integer> WINDOWS =
      Setting.integer("windows", 16, 1, 1000, "the most tokens of a text");

  /** Every setting. */
  public static final Schema SCHEMA =
      Schema.of(WIDTH, WORDS, CHARACTERS_FROM, CHARACTERS_TO, WINDOW, WINDOWS);

  private final EncoderInfo info;
  private final Form form;
  private final int width;
  private final int longestWords;
  private final int shortestCharacters;
  private final int longestCharacters;
  private final int window;
  private final int windows;

  /** Opens it under a view's name. */
  public HashedNgrams(
      String view, Kind kind, Form form, Settings settings, Map<String, String> record) {
    this.form = form;
    width = settings.get(WIDTH);
    longestWords = settings.get(WORDS);
    shortestCharacters = settings.get(CHARACTERS_FROM);
    longestCharacters = settings.get(CHARACTERS_TO);
    window = settings.get(WINDOW);
    windows = settings.get(WINDOWS);
    info =
        new EncoderInfo(
            new View(view, Modality.TEXT, kind, width),
            form == Form.POOLED ? 1 : windows,
            NAME,
            Hashes.sha256(NAME + " " + CODE_VERSION + " " + form + " " + record),
            record);
  }

  @Override
  public EncoderInfo info() {
    return info;
  }

  /** So many that handing them over costs nothing beside the work. */
  @Override
  public int batchSize(int length) {
    return 32;
  }

  @Override
  public List<Encoding> encode(List<? extends Prepared> batch) {
    return batch.stream().map(content -> encode(((Content.Text) content).text())).toList();
  }

  private Encoding encode(String text) {
    List<String> words = words(text);
    int size = form == Form.POOLED ? Math.max(1, words.size()) : window;
    int tokens = Math.max(1, Math.min((words.size() + size - 1) / size, windows));
    float[] values = new float[tokens * width];
    for (int t = 0; t < tokens; t++) {
      int to = Math.min(words.size(), (t + 1) * size);
      vector(words, t * size, to, values, t * width);
    }
    return new Encoding(new Features(tokens, width, values), words.size() > tokens * size);
  }

  static List<String> words(String text) {
    String normal = Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    List<String> words = new ArrayList<>();
    int start = -1;
    int next;
    for (int at = 0; at < normal.length(); at = next) {
      int character = normal.codePointAt(at);
      next = at + Character.charCount(character);
      boolean joins = joins(character);
      if (joins && start < 0) {
        start = at;
      }
      if (!joins) {
        if (start >= 0) {
          words.add(normal.substring(start, at));
          start = -1;
        }
        if (!Character.isWhitespace(character)) {
          words.add(normal.substring(at, next));
        }
      }
    }
    if (start >= 0) {
      words.add(normal.substring(start));
    }
    return words;
  }

  private static boolean joins(int character) {
    if (Character.isIdeographic(character)) {
      return false;
    }
    return switch (Character.UnicodeScript.of(character)) {
      case HIRAGANA, KATAKANA -> false;
      default -> Character.isLetterOrDigit(character) || isMark(character);
    };
  }

  private static boolean isMark(int character) {
    return switch (Character.getType(character)) {
      case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK -> true;
      default -> false;
    };
  }

  private void vector(List<String> words, int from, int to, float[] values, int offset) {
    Ngrams ngrams = new Ngrams();
    for (int w = from; w < to; w++) {
      long hash = WORD_SEED;
      for (int n = 0; n < longestWords && w + n < words.size(); n++) {
        hash = mix(hash, words.get(w + n));
        ngrams.add(finish(hash));
      }
      characters(words.get(w), ngrams);
    }
    ngrams.addTo(values, offset, width);
    double square = 0;
    for (int d = offset; d < offset + width; d++) {
      square += (double) values[d] * values[d];
    }
    if (square > 0) {
      float scale = (float) (1 / Math.sqrt(square));
      for (int d = offset; d < offset + width; d++) {
        values[d] *= scale;
      }
    }
  }

  private void characters(String word, Ngrams ngrams) {
    String padded = " " + word + " ";
    int[] points = padded.codePoints().toArray();
    for (int n = shortestCharacters; n <= longestCharacters; n++) {
      for (int i = 0; i + n <= points.length; i++) {
        long hash = CHARACTER_SEED;
        for (int j = i; j < i + n; j++) {
          hash = (hash ^ points[j]) * FNV_PRIME;
        }
        ngrams.add(finish(hash));
      }
    }
  }

  private static final long FNV_PRIME = 0x100000001b3L;
  private static final long WORD_SEED = 0xcbf29ce484222325L;
  private static final long CHARACTER_SEED = 0x9ae16a3b2f90404fL;

  /** FNV-1a over the characters, closed by a separator so that "ab c" differs from "a bc". */
  private static long mix(long hash, String word) {
    long mixed = hash;
    for (int i = 0; i < word.length(); i++) {
      mixed = (mixed ^ word.charAt(i)) * FNV_PRIME;
    }
    return (mixed ^ 0xffff) * FNV_PRIME;
  }

  /** The finaliser of SplitMix64: FNV alone leaves the high bits of short texts alike. */
  private static long finish(long hash) {
    long mixed = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }

  /** N-grams by hash; sorted before they are counted, so that sums have one order. */
  private static final class Ngrams {
    private long[] hashes = new long[256];
    private int size;

    void add(long hash) {
      if (size == hashes.length) {
        hashes = Arrays.copyOf(hashes, 2 * size);
      }
      hashes[size++] = hash;
    }

    void addTo(float[] values, int offset, int width) {
      Arrays.sort(hashes, 0, size);
      int next;
      for (int i = 0; i < size; i = next) {
        next = i + 1;
        while (next < size && hashes[next] == hashes[i]) {
          next++;
        }
        float weight = (float) (1 + StrictMath.log(next - i));
        int bucket = (int) Long.remainderUnsigned(hashes[i] >>> 1, width);
        values[offset + bucket] += (hashes[i] & 1) == 0 ? weight : -weight;
      }
    }
  }

  @Override
  public void close() {}
}
