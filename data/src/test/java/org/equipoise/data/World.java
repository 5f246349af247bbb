package org.equipoise.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.equipoise.core.Post;
import org.equipoise.core.Progress;
import org.equipoise.core.SkippedPost;
import org.equipoise.media.ImageEncoder;
import org.equipoise.media.RgbImage;

/** Small made files and what is read from them. */
final class World {
  private World() {}

  static Path text(Path file, String content) throws IOException {
    return bytes(file, content.getBytes(StandardCharsets.UTF_8));
  }

  static Path bytes(Path file, byte[] content) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    return Files.write(file, content);
  }

  /** A PNG of smooth random blotches: another seed, another picture. */
  static Path image(Path file, long seed) throws IOException {
    return bytes(file, ImageEncoder.png(picture(seed)));
  }

  static RgbImage picture(long seed) {
    int size = 96;
    Random random = new Random(seed);
    double[] waves = random.doubles(30, -0.15, 0.15).toArray();
    byte[] pixels = new byte[size * size * 3];
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        double sum = 0;
        for (int w = 0; w < waves.length; w += 3) {
          sum += Math.sin(waves[w] * x + waves[w + 1] * y + 40 * waves[w + 2]);
        }
        int value = (int) Math.max(0, Math.min(255, 128 + 40 * sum));
        for (int c = 0; c < 3; c++) {
          pixels[(y * size + x) * 3 + c] = (byte) value;
        }
      }
    }
    return new RgbImage(size, size, pixels);
  }

  record Read(List<Post> posts, List<SkippedPost> skipped) {
    Post post(String id) {
      return posts.stream().filter(p -> p.id().equals(id)).findFirst().orElseThrow();
    }
  }

  static Read read(String spec) {
    return read(spec, DataOptions.DEFAULT);
  }

  static Read read(String spec, DataOptions options) {
    Read read = new Read(new ArrayList<>(), new ArrayList<>());
    PostReader.open(DataSpec.parse(spec, options)).forEach(read.posts()::add, read.skipped()::add);
    return read;
  }

  static Dataset load(String spec, DataOptions options) {
    return Dataset.load(DataSpec.parse(spec, options), Progress.NONE);
  }
}
