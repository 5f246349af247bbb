package org.equipoise.encoders.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.equipoise.core.io.Hashes;

/**
 * What a hub says of a file's content: the SHA-256 of a large file (Git LFS), or the id that Git
 * gives a small one, the SHA-1 of {@code "blob " + size + "\0"} and the content.
 *
 * @param kind which of both
 * @param hex lower-case hexadecimal digits
 */
public record Checksum(Kind kind, String hex) {
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern SHA1 = Pattern.compile("[0-9a-f]{40}");

  /** How it is computed. */
  public enum Kind {
    /** SHA-256 of the content. */
    SHA256,
    /** Git's id of the content. */
    GIT_SHA1
  }

  /** Tells the kind by the length; empty if the text is neither. */
  public static Optional<Checksum> of(String text) {
    String hex = text.toLowerCase(Locale.ROOT);
    if (SHA256.matcher(hex).matches()) {
      return Optional.of(new Checksum(Kind.SHA256, hex));
    }
    return SHA1.matcher(hex).matches()
        ? Optional.of(new Checksum(Kind.GIT_SHA1, hex))
        : Optional.empty();
  }

  /** The checksum of the same kind that a file has. */
  public Checksum ofFile(Path file) throws IOException {
    MessageDigest digest = digest(Files.size(file));
    byte[] buffer = new byte[1 << 18];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
    return new Checksum(kind, Hashes.hex(digest.digest()));
  }

  private MessageDigest digest(long size) {
    if (kind == Kind.SHA256) {
      return Hashes.sha256();
    }
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      digest.update(("blob " + size + "\0").getBytes(StandardCharsets.US_ASCII));
      return digest;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  @Override
  public String toString() {
    return (kind == Kind.SHA256 ? "SHA-256 " : "Git's SHA-1 ") + hex;
  }
}
