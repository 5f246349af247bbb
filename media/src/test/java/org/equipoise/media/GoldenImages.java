package org.equipoise.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.equipoise.testing.Folders;

/** The folder of golden pictures, found by looking. */
final class GoldenImages {
  private GoldenImages() {}

  static Path folder() {
    return Folders.golden().resolve("encoders");
  }

  static Path input(String name) {
    return folder().resolve("inputs/images").resolve(name);
  }

  /** The files of a folder by name; a folder without one is a failure. */
  static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found = files.filter(Files::isRegularFile).sorted().toList();
      assertThat(found).as("files in %s", folder).isNotEmpty();
      return found;
    }
  }

  /** The name of the picture that a golden PNG was made from. */
  static String source(Path png) {
    String name = png.getFileName().toString();
    assertThat(name).endsWith(".png");
    return name.substring(0, name.length() - ".png".length());
  }

  static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  /** The largest difference between two pictures of one size. */
  static int largestDifference(RgbImage one, RgbImage other) {
    assertThat(one.width()).isEqualTo(other.width());
    assertThat(one.height()).isEqualTo(other.height());
    int largest = 0;
    for (int i = 0; i < one.pixels().length; i++) {
      largest = Math.max(largest, Math.abs((one.pixels()[i] & 0xff) - (other.pixels()[i] & 0xff)));
    }
    return largest;
  }
}
