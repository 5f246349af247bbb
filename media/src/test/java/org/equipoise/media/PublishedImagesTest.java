package org.equipoise.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.equipoise.testing.Folders;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("data")
class PublishedImagesTest {
  @Test
  void everyPictureThatPeoplePostedDecodes() throws Exception {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(Folders.data())) {
      files = walk.filter(Files::isRegularFile).filter(PublishedImagesTest::isImage).toList();
    }
    assertThat(files).isNotEmpty();
    List<String> broken = new ArrayList<>();
    ImageDecoder decoder = new ImageDecoder();
    for (Path file : files) {
      try {
        decoder.decode(file);
      } catch (BrokenImageException e) {
        broken.add(e.reason() + " " + e.getMessage());
      }
    }
    assertThat(broken).isEmpty();
  }

  private static boolean isImage(Path file) {
    return file.getParent().getFileName().toString().toLowerCase(Locale.ROOT).contains("image");
  }
}
