package org.equipoise.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.equipoise.media.ImageEncoder;
import org.equipoise.media.RgbImage;

/** A handful of posts with small pictures, in a table as a user would bring it. */
final class SmallPosts {
  private static final int EDGE = 32;
  private static final String[] FAKE = {"shocking", "secret", "unbelievable", "share", "exposed"};
  private static final String[] REAL = {"council", "report", "budget", "weather", "opened"};

  private SmallPosts() {}

  /** What {@code --data} says of the table, with the columns that it has. */
  static String[] data(Path table) {
    return new String[] {
      "--data",
      "csv:" + table,
      "--map",
      "text=body",
      "--map",
      "images=picture",
      "--map",
      "label=verdict",
      "--map",
      "event=topic"
    };
  }

  /**
   * Writes {@code posts.csv} and its pictures: every other post is fake, each of five topics has
   * both.
   */
  static Path write(Path folder, int count, long seed) throws IOException {
    Files.createDirectories(folder);
    Random random = new Random(seed);
    StringBuilder table = new StringBuilder("id,body,picture,verdict,topic\n");
    for (int i = 0; i < count; i++) {
      boolean fake = i % 2 == 0;
      String[] words = fake ? FAKE : REAL;
      String text =
          words[random.nextInt(words.length)]
              + " news number "
              + random.nextInt(1000)
              + " "
              + words[random.nextInt(words.length)];
      Path picture = folder.resolve(i + ".png");
      Files.write(picture, ImageEncoder.png(picture(random, fake)));
      table.append(
          "%d,%s,%s,%s,topic%d%n"
              .formatted(i, text, picture.getFileName(), fake ? "fake" : "real", (i / 2) % 5));
    }
    return Files.writeString(folder.resolve("posts.csv"), table.toString());
  }

  private static RgbImage picture(Random random, boolean fake) {
    byte[] pixels = new byte[EDGE * EDGE * 3];
    int base = random.nextInt(100);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (base + random.nextInt(60) + (fake && i % 3 == 0 ? 80 : 0));
    }
    return new RgbImage(EDGE, EDGE, pixels);
  }
}
