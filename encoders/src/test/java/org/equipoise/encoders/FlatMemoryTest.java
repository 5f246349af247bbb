package org.equipoise.encoders;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import org.equipoise.core.Form;
import org.equipoise.core.Post;
import org.equipoise.core.Progress;
import org.equipoise.core.safetensors.DType;
import org.equipoise.media.ImageEncoder;
import org.equipoise.media.RgbImage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A million posts take the memory of ten thousand, but for their ids. */
@Tag("long")
class FlatMemoryTest {
  private static final int FEW = 10_000;
  private static final int MANY = 1_000_000;
  private static final int IMAGES = 50;
  private static final List<String> HEAP = List.of("-Xmx512m", "-XX:+UseSerialGC");

  /** An id in a set, a list and, at the end, as JSON. */
  private static final long BYTES_OF_AN_ID = 250;

  private static final String ENCODERS =
      """
      views:
        - view: text
          encoder: builtin/text_pattern
          settings: {width: 64, words: 1, characters_to: 0}
        - view: image
          encoder: builtin/image_semantic
      """;

  @TempDir Path folder;

  /** Encodes posts with distinct texts and prints the live heap on the way. */
  static final class Encoding {
    public static void main(String[] arguments) {
      Path images = Path.of(arguments[0]);
      EncoderOptions options =
          new EncoderOptions(
              2,
              OptionalInt.empty(),
              OptionalInt.empty(),
              OptionalLong.of(64L << 20),
              EncoderOptions.Device.CPU);
      new EncodeJob(
              new EncoderPlan(EncoderSet.parse(ENCODERS, "a test"), Form.POOLED, options),
              new EncodeJob.Options(DType.F16, options.threads()))
          .run(() -> posts(images), MANY, "fingerprint", Path.of(arguments[1]), Progress.NONE);
      System.out.println("done " + peakRss());
    }

    private static Iterator<Post> posts(Path images) {
      return new Iterator<>() {
        private int next;

        @Override
        public boolean hasNext() {
          return next < MANY;
        }

        @Override
        public Post next() {
          int number = next++;
          if (next == FEW || next == MANY / 10 || next == MANY) {
            System.out.println(next + " " + liveHeap() + " " + peakRss());
          }
          return Post.builder("p" + number)
              .text("post number " + number + " of very many")
              .images(List.of(images.resolve(number % IMAGES + ".png")))
              .build();
        }
      };
    }

    private static long liveHeap() {
      System.gc();
      return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** Kibibytes, where the system tells. */
    private static String peakRss() {
      try {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("VmHWM"))
            .map(line -> line.replaceAll("\\D", ""))
            .findFirst()
            .orElse("");
      } catch (IOException e) {
        return "";
      }
    }
  }

  @Test
  void the_live_heap_grows_by_ids_alone() throws Exception {
    Random random = new Random(1);
    for (int i = 0; i < IMAGES; i++) {
      byte[] pixels = new byte[64 * 64 * 3];
      random.nextBytes(pixels);
      Files.write(folder.resolve(i + ".png"), ImageEncoder.png(new RgbImage(64, 64, pixels)));
    }
    String output =
        ChildProcess.output(
            ChildProcess.java(
                Encoding.class, HEAP, folder.toString(), folder.resolve("store").toString()));

    Map<Integer, Long> live = new TreeMap<>();
    for (String line : output.lines().filter(some -> some.matches("\\d+ \\d+ .*")).toList()) {
      String[] words = line.split(" ");
      live.put(Integer.parseInt(words[0]), Long.parseLong(words[1]));
    }
    assertThat(output).contains("done");
    assertThat(live).containsOnlyKeys(FEW, MANY / 10, MANY);
    assertThat(live.get(MANY) - live.get(FEW)).isLessThan(BYTES_OF_AN_ID * (MANY - FEW));
  }
}
