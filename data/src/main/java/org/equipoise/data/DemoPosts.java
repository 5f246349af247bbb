package org.equipoise.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.equipoise.core.Post;
import org.equipoise.media.ImageEncoder;

/**
 * Made-up posts for a first try: invented towns, captions from phrases, pictures drawn here. A
 * caption reports a fire or a flood, and the picture shows a fire or a flood. The post is real
 * where they agree and fake where they do not. In every town each of the four combinations is
 * equally frequent, so neither the caption nor the picture tells anything by itself, and no
 * weighted sum of both does either: the truth is their exclusive or.
 */
public final class DemoPosts {
  /** The towns, one event each. */
  private static final List<String> TOWNS =
      List.of(
          "Aldermoor",
          "Brickhaven",
          "Carrowfell",
          "Dunmarsh",
          "Eastvale",
          "Fernholt",
          "Greywick",
          "Harrowgate",
          "Ivelstone",
          "Junipero");

  /** How many posts {@link #write(Path, long, int)} makes. */
  public static final int POSTS = 1400;

  private static final double JPEG_QUALITY = 0.9;
  private static final LocalDate FIRST_DAY = LocalDate.of(2021, 3, 1);

  private DemoPosts() {}

  /** What a caption reports or a picture shows. */
  enum Scene {
    FIRE,
    FLOOD
  }

  /**
   * Writes {@value #POSTS} posts.
   *
   * @param threads how many threads draw
   * @return the canonical posts file
   * @throws IOException if the disk fails
   */
  public static Path write(Path folder, long seed, int threads) throws IOException {
    return write(folder, seed, POSTS, threads);
  }

  /**
   * Writes {@code posts.jsonl} and the pictures beside it. The same seed and number give the same
   * posts.
   *
   * @param posts how many; rounded up to as many in each town of each combination
   * @param threads how many threads draw
   * @return the canonical posts file
   * @throws IOException if the disk fails
   */
  public static Path write(Path folder, long seed, int posts, int threads) throws IOException {
    Path images = Files.createDirectories(folder.resolve("images"));
    Random random = new Random(seed);
    int combinations = TOWNS.size() * 4;
    int each = (posts + combinations - 1) / combinations;
    List<Post> made = new ArrayList<>();
    List<Runnable> pictures = new ArrayList<>();
    for (int town = 0; town < TOWNS.size(); town++) {
      List<Scene[]> pairs = new ArrayList<>();
      for (Scene caption : Scene.values()) {
        for (Scene picture : Scene.values()) {
          pairs.addAll(Collections.nCopies(each, new Scene[] {caption, picture}));
        }
      }
      Collections.shuffle(pairs, random);
      OffsetDateTime start = FIRST_DAY.plusWeeks(town).atTime(6, 0).atOffset(ZoneOffset.UTC);
      for (int i = 0; i < pairs.size(); i++) {
        Scene caption = pairs.get(i)[0];
        Scene picture = pairs.get(i)[1];
        String id = "demo-%02d-%04d".formatted(town + 1, i + 1);
        Path image = images.resolve(id + ".jpg");
        long pictureSeed = random.nextLong();
        pictures.add(() -> draw(image, picture, pictureSeed));
        made.add(
            Post.builder(id)
                .text(DemoCaption.write(caption, TOWNS.get(town), random))
                .images(List.of(image))
                .label(caption == picture ? "real" : "fake")
                .event(TOWNS.get(town))
                .time(start.plusMinutes(7L * i + random.nextInt(7)))
                .language("en")
                .build());
      }
    }
    drawAll(pictures, threads);
    Path file = folder.resolve("posts.jsonl");
    CanonicalPosts.write(file, made);
    return file;
  }

  private static void drawAll(List<Runnable> pictures, int threads) throws IOException {
    try {
      Parallel.range(pictures.size(), threads, i -> pictures.get(i).run());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static void draw(Path file, Scene scene, long seed) {
    try {
      Files.write(file, ImageEncoder.jpeg(DemoPicture.draw(scene, new Random(seed)), JPEG_QUALITY));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
