package org.equipoise.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import org.equipoise.core.Post;
import org.equipoise.core.io.Hashes;

/**
 * A data set in 64 hexadecimal digits: SHA-256 over its posts in their order, each by id, text,
 * label, event, time, language, split and the content of its image. Where the files lie does not
 * matter.
 */
final class DataFingerprint {
  private DataFingerprint() {}

  static String of(Dataset data) {
    MessageDigest digest = Hashes.sha256();
    for (Post post : data.posts()) {
      add(digest, Optional.of(post.id()));
      add(digest, Optional.of(post.text()));
      add(digest, post.label());
      add(digest, post.event());
      add(digest, post.time().map(time -> time.toInstant().toString()));
      add(digest, post.language());
      add(digest, post.split());
      add(digest, data.image(post).map(ImageFacts::content));
    }
    return Hashes.hex(digest.digest());
  }

  /** Length before content, so that neighbouring fields cannot be confused; -1 where absent. */
  private static void add(MessageDigest digest, Optional<String> value) {
    byte[] bytes = value.orElse("").getBytes(StandardCharsets.UTF_8);
    digest.update(
        ByteBuffer.allocate(Integer.BYTES).putInt(value.isPresent() ? bytes.length : -1).array());
    digest.update(bytes);
  }
}
