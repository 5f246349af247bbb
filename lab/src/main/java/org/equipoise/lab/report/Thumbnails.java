package org.equipoise.lab.report;

import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.equipoise.core.Post;
import org.equipoise.media.BrokenImageException;
import org.equipoise.media.ImageDecoder;
import org.equipoise.media.ImageEncoder;
import org.equipoise.media.Resampling;
import org.equipoise.media.RgbImage;

/** Small pictures that lie within the page itself. */
final class Thumbnails {
  private static final int EDGE = 360;
  private static final double QUALITY = 0.8;

  private final ImageDecoder decoder = new ImageDecoder();

  /** The post's image, the first that decodes, as a {@code data:} address. */
  Optional<String> of(Post post) {
    for (Path file : post.images()) {
      try {
        RgbImage small =
            Resampling.fit(decoder.decode(file), EDGE, EDGE, Resampling.Filter.BICUBIC);
        return Optional.of(
            "data:image/jpeg;base64,"
                + Base64.getEncoder().encodeToString(ImageEncoder.jpeg(small, QUALITY)));
      } catch (BrokenImageException e) {
        // the next candidate may decode
      }
    }
    return Optional.empty();
  }
}
